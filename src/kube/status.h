#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace podwire::kube {

/// One reason why an object was refused: a field's path in the JSON ("spec.ports[0].port"), empty where none
/// applies.
struct Cause {
  std::string reason;  ///< "FieldValueInvalid", "FieldValueRequired", "FieldManagerConflict"...
  std::string message;
  std::string field;

  friend bool operator==(const Cause&, const Cause&) = default;
};

/// A refusal as the Kubernetes API words it: meta/v1 Status with status "Failure". Clients decide by `code`
/// and `reason` (metav1.StatusReason), people read `message`. Value type.
struct Status {
  int code = 500;      ///< HTTP status
  std::string reason;  ///< "NotFound", "AlreadyExists", "Conflict", "Invalid", "BadRequest", "Forbidden",
                       ///< "Expired"...
  std::string message;
  // details
  std::string name;   ///< of the object
  std::string group;  ///< of its resource
  std::string kind;   ///< the resource's plural ("pods"); for Invalid the kind ("Pod")
  std::string uid;
  std::vector<Cause> causes;
  int retry_after_seconds = 0;

  friend bool operator==(const Status&, const Status&) = default;
};

/// A value, or the Status that the client gets instead. TRY() passes it on.
template <class T = void>
class [[nodiscard]] Answer : public std::expected<T, Status> {
 public:
  using std::expected<T, Status>::expected;
};

/// 400 BadRequest with this sentence.
[[nodiscard]] inline std::unexpected<Status> bad_request(std::string message) {
  return std::unexpected(Status{.code = 400, .reason = "BadRequest", .message = std::move(message)});
}

}  // namespace podwire::kube
