#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podwire::server {

/// What a path under /api or /apis names. Empty parts are absent ones:
///   /api/v1                                             version alone: the discovery of a group's version
///   /api/v1/namespaces/default/pods/web-0/log           ns "default", resource "pods", name, subresource
///   /api/v1/namespaces/default                          resource "namespaces", name "default"
struct ResourcePath {
  std::string group, version, ns, resource, name, subresource;

  friend bool operator==(const ResourcePath&, const ResourcePath&) = default;
};

/// From decoded path segments (k8s.io/apiserver's RequestInfo); nullopt: no path of the API.
[[nodiscard]] std::optional<ResourcePath> resource_path(const std::vector<std::string>& segments);

/// The verb of authorization: "get", "list", "watch", "create", "update", "patch", "delete",
/// "deletecollection"; empty for a method that the API has no use for.
[[nodiscard]] std::string_view verb_of(std::string_view method, const ResourcePath& path, bool watch);

}  // namespace podwire::server
