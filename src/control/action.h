#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kube/json.h"
#include "kube/types/object_meta.h"

namespace podwire::control {

namespace json = kube::json;

/// An Event to be told to the user about an object.
struct Record {
  std::string api_version, kind, namespace_, name, uid;  ///< the object
  bool warning = false;
  std::string reason, message;
  friend bool operator==(const Record&, const Record&) = default;
};

/// POST. With a subresource, `name` is the object that it is posted to (a pod's "binding").
struct Create {
  std::string resource, namespace_;  ///< "pods", "replicasets.apps"
  json::object object;
  std::string name, subresource;
  std::optional<Record>
      record;  ///< once it succeeded; "{}" in the message stands for the name that was given
};

/// A JSON merge patch (RFC 7386). Holds metadata.resourceVersion where it must not overwrite what was not
/// seen; then a 409 means: look again.
struct Patch {
  std::string resource, namespace_, name, subresource;
  json::object merge;
};

/// DELETE of this very object: the uid is its precondition. 404 and 409 mean that it is gone already.
struct Delete {
  std::string resource, namespace_, name, uid;
  std::optional<std::int64_t> grace_seconds;
  std::string propagation = "Background";
};

using Action = std::variant<Create, Patch, Delete, Record>;

/// What a controller wants done, in this order. A controller decides from what it sees, and asked again
/// before its own writes can be seen it would want them again: whoever performs the actions waits for that.
using Actions = std::vector<Action>;

/// About an object of that kind.
[[nodiscard]] inline Record record_about(std::string api_version, std::string kind,
                                         const kube::ObjectMeta& meta) {
  return {.api_version = std::move(api_version),
          .kind = std::move(kind),
          .namespace_ = meta.namespace_,
          .name = meta.name,
          .uid = meta.uid};
}

/// {"metadata": {"resourceVersion": ...}}: the start of a patch of exactly what was seen.
[[nodiscard]] inline json::object patch_of(const kube::ObjectMeta& seen) {
  return {{"metadata", {{"resourceVersion", seen.resource_version}}}};
}

}  // namespace podwire::control
