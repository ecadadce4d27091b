#pragma once
#include <mutex>
#include <string>
#include <string_view>

#include "kube/schema.h"

namespace podwire::kube {

/// The OpenAPI v3 documents of a schema, one for each group and version, from which kubectl validates,
/// explains and merges. Documents are made when they are asked for and not kept: a client keeps them by their
/// hash. Thread-safe. The schema must outlive it.
class OpenApi {
 public:
  explicit OpenApi(const Schema& schema) : schema_(schema) {}

  /// What stands at /openapi/v3: where each document is, with the hash of its content. Made once, which costs
  /// as much as all documents.
  [[nodiscard]] const std::string& index() const;
  /// Of "api/v1" or "apis/apps/v1"; empty: there is none.
  [[nodiscard]] std::string document(std::string_view group_version) const;

 private:
  const Schema& schema_;
  mutable std::once_flag index_made_;
  mutable std::string index_;
};

}  // namespace podwire::kube
