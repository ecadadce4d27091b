#pragma once
#include <boost/json/object.hpp>
#include <compare>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"  // TRY

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

/// A resource without its version: {"apps", "deployments"}; messages and storage call it "deployments.apps",
/// "pods".
struct GroupResource {
  std::string group, resource;

  [[nodiscard]] std::string str() const { return group.empty() ? resource : resource + "." + group; }
  friend auto operator<=>(const GroupResource&, const GroupResource&) = default;
};

/// The meta/v1 Status object that a client gets.
[[nodiscard]] boost::json::object to_json(const Status& status);
/// {"status":"Success"}, for what was deleted at once.
[[nodiscard]] boost::json::object success(const GroupResource& of, std::string_view name,
                                          std::string_view uid);

// The refusals that clients know, in Kubernetes' words (apimachinery's api/errors).
[[nodiscard]] std::unexpected<Status> bad_request(std::string message);  // 400
[[nodiscard]] std::unexpected<Status> unauthorized();                    // 401
[[nodiscard]] std::unexpected<Status> forbidden(const GroupResource&, std::string_view name,
                                                std::string_view why);                              // 403
[[nodiscard]] std::unexpected<Status> not_found(const GroupResource&, std::string_view name);       // 404
[[nodiscard]] std::unexpected<Status> no_such_resource();                                           // 404
[[nodiscard]] std::unexpected<Status> method_not_allowed();                                         // 405
[[nodiscard]] std::unexpected<Status> not_acceptable(std::string_view accepted);                    // 406
[[nodiscard]] std::unexpected<Status> already_exists(const GroupResource&, std::string_view name);  // 409
[[nodiscard]] std::unexpected<Status> conflict(const GroupResource&, std::string_view name,
                                               std::string_view why);  // 409
/// What a writer gets that has seen another revision.
[[nodiscard]] std::unexpected<Status> modified_since(const GroupResource&, std::string_view name);
[[nodiscard]] std::unexpected<Status> expired(std::string message);                                     // 410
[[nodiscard]] std::unexpected<Status> unsupported_media_type();                                         // 415
[[nodiscard]] std::unexpected<Status> too_many_requests(std::string message, int retry_after_seconds);  // 429
[[nodiscard]] std::unexpected<Status> internal_error(std::string_view why);                             // 500

}  // namespace podwire::kube
