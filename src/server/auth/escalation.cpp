#include "server/auth/escalation.h"

#include <fmt/format.h>

#include "kube/json.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::text_in;

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

bool same(const json::object& a, const json::object* b, std::string_view field) {
  if (b == nullptr) return false;
  const auto *left = a.if_contains(field), *right = b->if_contains(field);
  if (left == nullptr || right == nullptr) return left == right;
  return *left == *right;
}

/// The user's groups as Go prints a list of text.
std::string shown(const std::vector<std::string>& groups) {
  std::string out;
  for (const auto& group : groups) out += fmt::format("{}\"{}\"", out.empty() ? "" : " ", group);
  return out;
}

Answer<> check_held(const Rbac& rbac, const RbacWrite& write, const PolicyRules& wanted) {
  const auto missing = uncovered(rbac.rules_of(write.user, write.ns), wanted);
  if (missing.empty()) return {};
  return kube::forbidden(
      {std::string(kGroup), std::string(write.plural)}, write.name,
      fmt::format("user \"{}\" (groups=[{}]) is attempting to grant RBAC permissions not currently held:\n{}",
                  write.user.name, shown(write.user.groups), described(missing)));
}

Answer<> check_role(const Rbac& rbac, const RbacWrite& write) {
  if (same(write.object, write.old, "rules") && same(write.object, write.old, "aggregationRule")) return {};
  if (rbac.allows({.user = write.user,
                   .verb = "escalate",
                   .group = kGroup,
                   .resource = write.plural,
                   .ns = write.ns,
                   .name = write.old != nullptr ? write.name : std::string_view()}))
    return {};
  // Whoever says what is aggregated may aggregate anything, also what is written later.
  const bool aggregates = write.object.contains("aggregationRule") ||
                          (write.old != nullptr && write.old->contains("aggregationRule"));
  if (aggregates) TRY(check_held(rbac, write, {{{"*"}, {"*"}, {"*"}, {}, {}}, {{"*"}, {}, {}, {}, {"*"}}}));
  return check_held(rbac, write, rules_in(write.object));
}

Answer<> check_binding(const Rbac& rbac, const RbacWrite& write) {
  if (same(write.object, write.old, "roleRef") && same(write.object, write.old, "subjects")) return {};
  const auto kind = text_in(write.object, "roleRef", "kind"), name = text_in(write.object, "roleRef", "name");
  const bool of_namespace = kind == "Role";
  const std::string_view plural = of_namespace ? "roles" : "clusterroles";
  if (rbac.allows({.user = write.user,
                   .verb = "bind",
                   .group = kGroup,
                   .resource = plural,
                   .ns = write.ns,
                   .name = name}))
    return {};
  const auto* rules = rbac.role(of_namespace ? write.ns : std::string_view(), name);
  if (rules == nullptr) return kube::not_found({std::string(kGroup), std::string(plural)}, name);
  return check_held(rbac, write, *rules);
}

}  // namespace

Answer<> check_escalation(const Rbac& rbac, const RbacWrite& write) {
  if (is_master(write.user)) return {};
  if (write.plural == "roles" || write.plural == "clusterroles") return check_role(rbac, write);
  return check_binding(rbac, write);
}

}  // namespace podwire::server
