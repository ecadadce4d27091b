#pragma once
#include <mutex>
#include <string>
#include <string_view>

#include "kube/schema.h"

namespace podwire::kube {

/// What the API can do, as OpenAPI 3.0 documents: one for each group and version that has paths. kubectl asks
/// them which query parameters it may send, how lists are patched, and what a field means (explain). Made
/// from the schema, which must live as long. Safe to share between threads.
class OpenApi {
 public:
  explicit OpenApi(const Schema& schema) : schema_(schema) {}

  /// The body of /openapi/v3: every document's path with a hash of its content, under which it never changes.
  /// All documents are made once for it, at the first call (some milliseconds).
  [[nodiscard]] std::string index() const;
  /// The body of /openapi/v3/GROUP_VERSION ("api/v1", "apis/apps/v1"); empty: there is none. Made anew each
  /// time: clients keep it.
  [[nodiscard]] std::string document(std::string_view group_version) const;

 private:
  const Schema& schema_;
  mutable std::once_flag index_made_;
  mutable std::string index_;
};

}  // namespace podwire::kube
