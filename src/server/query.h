#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/codec/decode.h"
#include "kube/status.h"

namespace podwire::server {

/// A request's query, decoded, in the order of its parameters.
using Query = std::vector<std::pair<std::string, std::string>>;

/// The first parameter of that name, else empty.
[[nodiscard]] std::string_view parameter(const Query& query, std::string_view name);

/// meta/v1 ListOptions of a GET on a collection (or of a watch on one object). Names are theirs.
struct ListOptions {
  std::string label_selector, field_selector;
  std::uint64_t limit = 0;  ///< 0: all
  std::string continue_token;
  std::optional<std::uint64_t> resource_version;  ///< nullopt: "", the newest
  bool exact = false;                             ///< resourceVersionMatch=Exact, else NotOlderThan
  bool watch = false;
  bool bookmarks = false;
  bool initial_events = false;        ///< a watch that starts with all that is there
  bool marks_their_end = false;       ///< ... and says so by an annotated bookmark (sendInitialEvents=true)
  std::uint64_t timeout_seconds = 0;  ///< 0: the server's choice
};

/// 400 for values that cannot be read, 422 for combinations that have no meaning (apimachinery's
/// meta/internalversion/validation).
[[nodiscard]] kube::Answer<ListOptions> list_options(const Query& query);

/// CreateOptions, UpdateOptions and PatchOptions.
struct WriteOptions {
  bool dry_run = false;
  std::string field_manager;
  kube::FieldValidation field_validation = kube::FieldValidation::warn;
  bool force = false;                   ///< server-side apply takes fields from others
  std::vector<std::string> duplicates;  ///< keys that stand twice in the body: for field_validation
};
[[nodiscard]] kube::Answer<WriteOptions> write_options(const Query& query);

}  // namespace podwire::server
