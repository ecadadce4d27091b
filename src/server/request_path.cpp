#include "server/request_path.h"

#include <span>

namespace podwire::server {

std::optional<ResourcePath> resource_path(const std::vector<std::string>& segments) {
  std::span<const std::string> rest = segments;
  const auto next = [&] {
    if (rest.empty()) return std::string();
    auto out = rest.front();
    rest = rest.subspan(1);
    return out;
  };
  ResourcePath path;
  const auto root = next();
  if (root == "apis")
    path.group = next();
  else if (root != "api")
    return std::nullopt;
  path.version = next();
  if (path.version.empty()) return std::nullopt;
  const bool of_namespace = rest.size() > 2 && (rest[2] == "status" || rest[2] == "finalize");
  if (rest.size() > 2 && rest[0] == "namespaces" && !of_namespace) {
    path.ns = rest[1];
    rest = rest.subspan(2);
  }
  path.resource = next();
  path.name = next();
  path.subresource = next();
  if (!rest.empty()) return std::nullopt;
  return path;
}

std::string_view verb_of(std::string_view method, const ResourcePath& path, bool watch) {
  const bool one = !path.name.empty();
  if (method == "GET" || method == "HEAD") {
    if (watch && path.subresource.empty()) return "watch";
    return one ? "get" : "list";
  }
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return one ? "delete" : "deletecollection";
  return {};
}

}  // namespace podwire::server
