#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "kube/schema.h"
#include "kube/status.h"

namespace podwire::server {

namespace json = boost::json;

/// What a write needs to know of the world. Everything else in this header is pure.
struct Moment {
  std::chrono::sys_seconds now;
  std::string uid;          ///< for the object, should it be new (RFC 9562, version 4)
  std::string name_suffix;  ///< five characters for generateName
};

/// RFC 3339 in UTC, whole seconds, as metav1.Time: "2026-11-23T12:00:00Z".
[[nodiscard]] std::string rfc3339(std::chrono::sys_seconds time);

[[nodiscard]] inline kube::GroupResource group_resource(const kube::Resource& r) {
  return {r.group, r.plural};
}

/// Where the URL says that the object is.
struct Place {
  std::string ns, name;  ///< name empty on POST to a collection
};

/// Checks a new object's metadata against the URL, gives it its name (generateName), namespace, uid, creation
/// time and first generation, and takes away what only the server may say (k8s.io/apiserver's
/// rest.BeforeCreate).
kube::Answer<> begin_life(const kube::Resource& resource, json::object& object, const Place& place,
                          const Moment& moment);

/// Checks an update's metadata against the object that it replaces, and keeps what an update cannot change
/// (rest. BeforeUpdate). The generation grows when `spec` (or, of kinds without one, the content) differs.
kube::Answer<> carry_on(const kube::Resource& resource, const json::object& old, json::object& object,
                        const Place& place, std::string_view subresource);

/// meta/v1 DeleteOptions.
struct DeleteOptions {
  std::optional<std::int64_t> grace_seconds;
  std::optional<std::string> uid, resource_version;  ///< preconditions
  enum class Propagation { unset, background, foreground, orphan } propagation = Propagation::unset;
  bool dry_run = false;
};
[[nodiscard]] kube::Answer<DeleteOptions> delete_options(const json::object& body);

/// What a DELETE makes of an object: nullopt: it is gone at once; else its last days, to be written
/// (rest.BeforeDelete: deletionTimestamp, grace period, finalizers for the way of propagation). Equal to
/// `object` when it is on its way already.
[[nodiscard]] kube::Answer<std::optional<json::object>> end_life(const kube::Resource& resource,
                                                                 const json::object& object,
                                                                 const DeleteOptions& options,
                                                                 const Moment& moment);

/// True for an object that waits for nothing but its removal: it is being deleted, its grace is over, and no
/// finalizer is left. An update that ends like this removes it.
[[nodiscard]] bool is_finished(const kube::Resource& resource, const json::object& object);

}  // namespace podwire::server
