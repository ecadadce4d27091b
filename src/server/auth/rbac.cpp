#include "server/auth/rbac.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "kube/json.h"

namespace podwire::server {
namespace {

using kube::array_in;
using kube::text_in;

bool is_role(std::string_view plural) { return plural == "roles" || plural == "clusterroles"; }

/// Whom a binding is for: how it is looked up ("u:NAME" or "g:GROUP"; a ServiceAccount is the user
/// system:serviceaccount:NS:NAME), and how it is shown.
struct SubjectNames {
  std::string key, shown;
};

SubjectNames names_of(const json::object& subject, std::string_view binding_ns) {
  const auto kind = text_in(subject, "kind"), name = text_in(subject, "name");
  if (kind != "ServiceAccount")
    return {fmt::format("{}:{}", kind == "Group" ? "g" : "u", name), fmt::format("{} \"{}\"", kind, name)};
  auto ns = text_in(subject, "namespace");
  if (ns.empty()) ns = binding_ns;
  return {fmt::format("u:system:serviceaccount:{}:{}", ns, name),
          fmt::format("{} \"{}/{}\"", kind, name, ns)};
}

std::optional<std::vector<kube::LabelSelector>> aggregation_in(const json::object& role) {
  const auto* list = array_in(role, "aggregationRule", "clusterRoleSelectors");
  if (list == nullptr) return std::nullopt;
  std::vector<kube::LabelSelector> out;
  for (const auto& item : *list)
    if (auto selector = kube::LabelSelector::from_json(item.if_object())) out.push_back(std::move(*selector));
  return out;
}

}  // namespace

bool is_master(const User& user) {
  return std::ranges::find(user.groups, "system:masters") != user.groups.end();
}

void Rbac::put_role(const RoleKey& key, const json::object& object) {
  roles_[key] = {rules_in(object), kube::labels_of(object), aggregation_in(object)};
  collected_.clear();
}

void Rbac::put(std::string_view plural, const json::object& object) {
  const RoleKey key{std::string(text_in(object, "metadata", "namespace")),
                    std::string(text_in(object, "metadata", "name"))};
  if (is_role(plural)) {
    put_role(key, object);
    return;
  }
  drop_binding(key);
  Binding binding;
  binding.role.name = text_in(object, "roleRef", "name");
  if (text_in(object, "roleRef", "kind") == "Role") binding.role.ns = key.ns;
  if (const auto* list = array_in(object, "subjects"))
    for (const auto& item : *list) {
      const auto* subject = item.if_object();
      if (subject == nullptr) continue;
      auto names = names_of(*subject, key.ns);
      grants_.emplace(names.key, Grant{key, binding.role, std::move(names.shown)});
      binding.subjects.push_back(std::move(names.key));
    }
  bindings_[key] = std::move(binding);
}

void Rbac::drop_binding(const RoleKey& key) {
  const auto there = bindings_.find(key);
  if (there == bindings_.end()) return;
  for (const auto& subject : there->second.subjects) {
    auto [at, end] = grants_.equal_range(subject);
    while (at != end) at = at->second.binding == key ? grants_.erase(at) : std::next(at);
  }
  bindings_.erase(there);
}

void Rbac::erase(std::string_view plural, std::string_view ns, std::string_view name) {
  const RoleKey key{std::string(ns), std::string(name)};
  if (!is_role(plural)) {
    drop_binding(key);
    return;
  }
  roles_.erase(key);
  collected_.clear();
}

/// A role's rules, and those of the roles that it aggregates; each role once, even in a circle.
void Rbac::collect(const RoleKey& key, PolicyRules& out, std::vector<const Role*>& seen) const {
  const auto at = roles_.find(key);
  if (at == roles_.end() || std::ranges::find(seen, &at->second) != seen.end()) return;
  const auto& role = at->second;
  seen.push_back(&role);
  if (!role.aggregates) {
    for (const auto& rule : role.rules)
      if (std::ranges::find(out, rule) == out.end()) out.push_back(rule);
    return;
  }
  for (const auto& selector : *role.aggregates)
    for (auto other = roles_.begin(); other != roles_.end() && other->first.ns.empty(); ++other)
      if (selector.matches(other->second.labels)) collect(other->first, out, seen);
}

const PolicyRules* Rbac::role(std::string_view ns, std::string_view name) const {
  const RoleKey key{std::string(ns), std::string(name)};
  const auto at = roles_.find(key);
  if (at == roles_.end()) return nullptr;
  if (!at->second.aggregates) return &at->second.rules;
  const auto [entry, is_new] = collected_.try_emplace(key);
  if (is_new) {
    std::vector<const Role*> seen;
    collect(key, entry->second, seen);
  }
  return &entry->second;
}

std::vector<std::string> Rbac::aggregated() const {
  std::vector<std::string> out;
  for (auto at = roles_.begin(); at != roles_.end() && at->first.ns.empty(); ++at)
    if (at->second.aggregates) out.push_back(at->first.name);
  return out;
}

template <class Visit>
bool Rbac::any_rule(const User& user, std::string_view ns, Visit&& visit) const {
  const auto of_subject = [&](const std::string& subject) {
    const auto [first, last] = grants_.equal_range(subject);
    return std::any_of(first, last, [&](const auto& entry) {
      const Grant& grant = entry.second;
      if (!grant.binding.ns.empty() && grant.binding.ns != ns) return false;
      const auto* rules = role(grant.role.ns, grant.role.name);
      return rules != nullptr &&
             std::ranges::any_of(*rules, [&](const PolicyRule& r) { return visit(r, grant); });
    });
  };
  if (of_subject("u:" + user.name)) return true;
  return std::ranges::any_of(user.groups, [&](const auto& group) { return of_subject("g:" + group); });
}

Decision Rbac::decide(const Attributes& wanted) const {
  if (is_master(wanted.user)) return {.allowed = true, .reason = {}};
  Decision out;
  out.allowed = any_rule(wanted.user, wanted.ns, [&](const PolicyRule& rule, const Grant& grant) {
    if (!rule.allows(wanted)) return false;
    const auto& [ns, name] = grant.binding;
    out.reason = fmt::format("RBAC: allowed by {} \"{}\" of {} \"{}\" to {}",
                             ns.empty() ? "ClusterRoleBinding" : "RoleBinding",
                             ns.empty() ? name : fmt::format("{}/{}", name, ns),
                             grant.role.ns.empty() ? "ClusterRole" : "Role", grant.role.name, grant.subject);
    return true;
  });
  return out;
}

PolicyRules Rbac::rules_of(const User& user, std::string_view ns) const {
  PolicyRules out;
  if (is_master(user)) {
    out.push_back({{"*"}, {"*"}, {"*"}, {}, {}});
    out.push_back({{"*"}, {}, {}, {}, {"*"}});
  }
  any_rule(user, ns, [&](const PolicyRule& rule, const Grant&) {
    if (std::ranges::find(out, rule) == out.end()) out.push_back(rule);
    return false;
  });
  return out;
}

json::object Rbac::rules_for(const User& user, std::string_view ns) const {
  json::array resources, paths;
  for (auto rule : rules_of(user, ns)) {
    if (!rule.paths.empty())
      paths.push_back(to_json(PolicyRule{.verbs = rule.verbs, .paths = std::move(rule.paths)}));
    rule.paths.clear();
    if (!rule.resources.empty()) resources.push_back(to_json(rule));
  }
  return {
      {"resourceRules", std::move(resources)}, {"nonResourceRules", std::move(paths)}, {"incomplete", false}};
}

}  // namespace podwire::server
