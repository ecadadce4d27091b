#include "server/access.h"

#include "kube/json.h"
#include "server/auth/escalation.h"
#include "server/auth/node_restriction.h"

namespace podwire::server {
namespace {

constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

Lookup lookup_in(Store& store) {
  return [&store](std::string_view resource, std::string_view ns,
                  std::string_view name) -> std::optional<json::object> {
    const auto found = store.get({std::string(resource), std::string(ns), std::string(name)});
    if (!found) return std::nullopt;
    return parse_stored(*found);
  };
}

/// The name in the URL or, of a new object, its own.
std::string name_of(const Place& place, const json::object* object) {
  if (!place.name.empty() || object == nullptr) return place.name;
  return std::string(kube::text_in(*object, "metadata", "name"));
}

}  // namespace

Access::Access(Store& store, const World& world, AccountTokens tokens, TokenFile file)
    : look_up_(lookup_in(store)),
      tokens_(std::move(tokens)),
      authenticator_(std::move(file), AccountAuthenticator(tokens_, look_up_, world.now)) {
  for (const std::string_view plural : {"roles", "rolebindings", "clusterroles", "clusterrolebindings"}) {
    const auto changed = [this] {
      if (role_changed_) role_changed_();
    };
    feeds_.emplace_back(
        store, std::string(plural) + "." + std::string(kRbacGroup),
        [this, plural, changed](const json::object& object) {
          rbac_.put(plural, object);
          if (plural == "clusterroles") changed();
        },
        [this, plural, changed](std::string_view ns, std::string_view name) {
          rbac_.erase(plural, ns, name);
          if (plural == "clusterroles") changed();
        });
  }
  feeds_.emplace_back(
      store, "pods", [this](const json::object& pod) { graph_.put(pod); },
      [this](std::string_view ns, std::string_view name) { graph_.erase(ns, name); });
}

Check Access::check_of(const User& user, const kube::Resource& resource, const Place& place,
                       std::string_view subresource) const {
  const auto node = node_of(user);
  const bool rbac = resource.group == kRbacGroup;
  if (!node && !rbac) return {};
  return [this, user, node = std::string(node.value_or("")), rbac, group = resource.group,
          plural = resource.plural, place, subresource = std::string(subresource)](
             const json::object* old, const json::object* object) -> kube::Answer<> {
    const auto name = name_of(place, object);
    if (!node.empty())
      TRY(check_node_write({.node = node,
                            .group = group,
                            .resource = plural,
                            .subresource = subresource,
                            .ns = place.ns,
                            .name = name,
                            .old = old,
                            .object = object},
                           look_up_));
    if (rbac && object != nullptr)
      TRY(check_escalation(
          rbac_,
          {.user = user, .plural = plural, .ns = place.ns, .name = name, .old = old, .object = *object}));
    return {};
  };
}

}  // namespace podwire::server
