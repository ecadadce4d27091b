#include <boost/json/array.hpp>
#include <initializer_list>

#include "server/auth/rbac.h"

namespace podwire::server {
namespace {

using Names = std::initializer_list<std::string_view>;

json::array list(Names names) {
  json::array out;
  for (const auto name : names) out.emplace_back(name);
  return out;
}

json::object rule(Names groups, Names resources, Names verbs) {
  return {{"apiGroups", list(groups)}, {"resources", list(resources)}, {"verbs", list(verbs)}};
}

json::object paths(Names urls, Names verbs) {
  return {{"nonResourceURLs", list(urls)}, {"verbs", list(verbs)}};
}

json::object head(std::string_view kind, std::string_view name) {
  return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
          {"kind", kind},
          {"metadata", {{"name", name}, {"labels", {{"kubernetes.io/bootstrapping", "rbac-defaults"}}}}}};
}

json::object role(std::string_view name, json::array rules) {
  auto out = head("ClusterRole", name);
  out["rules"] = std::move(rules);
  return out;
}

json::object binding(std::string_view name, std::string_view role_name, Names groups) {
  auto out = head("ClusterRoleBinding", name);
  out["roleRef"] =
      json::object{{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", role_name}};
  json::array subjects;
  for (const auto group : groups)
    subjects.push_back({{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Group"}, {"name", group}});
  out["subjects"] = std::move(subjects);
  return out;
}

json::array rules(std::initializer_list<json::object> all) {
  json::array out;
  for (const auto& one : all) out.push_back(one);
  return out;
}

constexpr Names kRead{"get", "list", "watch"};
constexpr Names kWrite{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};

/// What the namespaced roles are about; Secrets are not for viewers.
json::object workloads(Names verbs) {
  return rule({"", "apps", "discovery.k8s.io", "networking.k8s.io"},
              {"pods", "pods/log", "pods/status", "services", "services/status", "endpoints", "configmaps",
               "serviceaccounts", "deployments", "deployments/scale", "deployments/status", "replicasets",
               "replicasets/scale", "replicasets/status", "daemonsets", "daemonsets/status", "endpointslices",
               "networkpolicies"},
              verbs);
}

}  // namespace

std::vector<json::object> bootstrap_policy() {
  const auto secrets =
      rule({""}, {"secrets", "pods/exec", "pods/attach", "pods/portforward", "pods/eviction"}, kWrite);
  const auto see = rule({"", "events.k8s.io"}, {"events", "namespaces"}, kRead);
  const auto grant = rule({"rbac.authorization.k8s.io"}, {"roles", "rolebindings"}, kWrite);
  return {
      role("cluster-admin", rules({rule({"*"}, {"*"}, {"*"}), paths({"*"}, {"*"})})),
      role("admin", rules({workloads(kWrite), secrets, see, grant})),
      role("edit", rules({workloads(kWrite), secrets, see})),
      role("view", rules({workloads(kRead), see})),
      role("system:discovery", rules({paths({"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez",
                                             "/openapi", "/openapi/*", "/readyz", "/version", "/version/"},
                                            {"get"})})),
      role("system:basic-user",
           rules({rule({"authorization.k8s.io"}, {"selfsubjectaccessreviews", "selfsubjectrulesreviews"},
                       {"create"}),
                  rule({"authentication.k8s.io"}, {"selfsubjectreviews"}, {"create"})})),
      binding("cluster-admin", "cluster-admin", {"system:masters"}),
      binding("system:discovery", "system:discovery", {"system:authenticated"}),
      binding("system:basic-user", "system:basic-user", {"system:authenticated"}),
  };
}

}  // namespace podwire::server
