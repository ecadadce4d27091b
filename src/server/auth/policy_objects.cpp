#include "server/auth/policy_objects.h"

#include <fmt/format.h>

namespace podwire::server::policy {
namespace {

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

json::array list(Names names) {
  json::array out;
  for (const auto name : names) out.emplace_back(name);
  return out;
}

/// As upstream's: the label says that it is of the first moment, the annotation that what a newer version
/// adds to it is added at a start.
json::object head(std::string_view kind, std::string_view name) {
  return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
          {"kind", kind},
          {"metadata",
           {{"name", name},
            {"labels", {{"kubernetes.io/bootstrapping", "rbac-defaults"}}},
            {"annotations", {{"rbac.authorization.kubernetes.io/autoupdate", "true"}}}}}};
}

std::string label(std::string_view what) {
  return fmt::format("rbac.authorization.k8s.io/aggregate-to-{}", what);
}

json::object subject(const Whom& whom) {
  if (whom.kind == Whom::Kind::kube_system_account)
    return {{"kind", "ServiceAccount"}, {"name", whom.name}, {"namespace", "kube-system"}};
  return {
      {"apiGroup", kGroup}, {"kind", whom.kind == Whom::Kind::user ? "User" : "Group"}, {"name", whom.name}};
}

}  // namespace

json::object rule(Names groups, Names resources, Names verbs) {
  return {{"apiGroups", list(groups)}, {"resources", list(resources)}, {"verbs", list(verbs)}};
}

json::object paths(Names urls, Names verbs) {
  return {{"nonResourceURLs", list(urls)}, {"verbs", list(verbs)}};
}

json::object role(std::string_view name, std::initializer_list<json::object> rules) {
  auto out = head("ClusterRole", name);
  json::array all;
  for (const auto& one : rules) all.push_back(one);
  out["rules"] = std::move(all);
  return out;
}

json::object sum_role(std::string_view name, std::string_view what) {
  auto out = head("ClusterRole", name);
  json::object selector{{"matchLabels", json::object{{label(what), "true"}}}};
  json::array selectors;
  selectors.push_back(std::move(selector));
  out["aggregationRule"] = json::object{{"clusterRoleSelectors", std::move(selectors)}};
  out["rules"] = json::array();
  return out;
}

json::object part_of(std::string_view what, json::object role) {
  role["metadata"].as_object()["labels"].as_object()[label(what)] = "true";
  return role;
}

json::object binding(std::string_view name, std::string_view role_name,
                     std::initializer_list<Whom> subjects) {
  auto out = head("ClusterRoleBinding", name);
  out["roleRef"] = json::object{{"apiGroup", kGroup}, {"kind", "ClusterRole"}, {"name", role_name}};
  json::array all;
  for (const auto& one : subjects) all.push_back(subject(one));
  out["subjects"] = std::move(all);
  return out;
}

}  // namespace podwire::server::policy
