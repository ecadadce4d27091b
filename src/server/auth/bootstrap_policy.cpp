#include "server/auth/policy_objects.h"
#include "server/auth/rbac.h"

namespace podwire::server {
namespace {

using namespace policy;

/// What may be seen of a namespace. Neither Secrets, which hold the rights of others, nor roles and bindings,
/// as upstream.
json::object view_rules() {
  return role(
      "system:aggregate-to-view",
      {rule({""},
            {"bindings", "configmaps", "endpoints", "events", "namespaces", "namespaces/status", "pods",
             "pods/log", "pods/status", "serviceaccounts", "services", "services/status"},
            kRead),
       rule({"events.k8s.io"}, {"events"}, kRead), rule({"discovery.k8s.io"}, {"endpointslices"}, kRead),
       rule({"apps"},
            {"daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status",
             "replicasets", "replicasets/scale", "replicasets/status"},
            kRead),
       rule({"networking.k8s.io"}, {"networkpolicies"}, kRead)});
}

/// What may be done in a namespace. Endpoints and EndpointSlices are not among it: who writes them leads
/// traffic to anywhere.
json::object edit_rules() {
  return role(
      "system:aggregate-to-edit",
      {rule({""}, {"pods/attach", "pods/exec", "pods/portforward", "secrets"}, kRead),
       rule({""}, {"serviceaccounts"}, {"impersonate"}),
       rule({""}, {"pods", "pods/attach", "pods/exec", "pods/portforward"}, kChange),
       rule({""}, {"pods/eviction", "serviceaccounts/token"}, {"create"}),
       rule({""}, {"configmaps", "events", "secrets", "serviceaccounts", "services"}, kChange),
       rule({"apps"}, {"daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale"},
            kChange),
       rule({"coordination.k8s.io"}, {"leases"}, kAll),
       rule({"networking.k8s.io"}, {"networkpolicies"}, kChange)});
}

json::object admin_rules() {
  return role("system:aggregate-to-admin",
              {rule({"authorization.k8s.io"}, {"localsubjectaccessreviews"}, {"create"}),
               rule({"rbac.authorization.k8s.io"}, {"rolebindings", "roles"}, kAll)});
}

json::object discovery() {
  return role("system:discovery", {paths({"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez",
                                          "/openapi", "/openapi/*", "/readyz", "/version", "/version/"},
                                         {"get"})});
}

json::object basic_user() {
  return role("system:basic-user", {rule({"authorization.k8s.io"},
                                         {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}, {"create"}),
                                    rule({"authentication.k8s.io"}, {"selfsubjectreviews"}, {"create"})});
}

}  // namespace

std::vector<json::object> bootstrap_policy() {
  constexpr auto kGroup = Whom::Kind::group;
  std::vector<json::object> out{
      role("cluster-admin", {rule({"*"}, {"*"}, {"*"}), paths({"*"}, {"*"})}),
      sum_role("admin", "admin"),
      part_of("admin", sum_role("edit", "edit")),
      part_of("edit", sum_role("view", "view")),
      part_of("admin", admin_rules()),
      part_of("edit", edit_rules()),
      part_of("view", view_rules()),
      discovery(),
      basic_user(),
      binding("cluster-admin", "cluster-admin", {{kGroup, "system:masters"}}),
      binding("system:discovery", "system:discovery", {{kGroup, "system:authenticated"}}),
      binding("system:basic-user", "system:basic-user", {{kGroup, "system:authenticated"}}),
  };
  for (auto& object : component_policy()) out.push_back(std::move(object));
  return out;
}

}  // namespace podwire::server
