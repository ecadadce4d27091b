#include "server/auth/rbac.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/json.h"

namespace podwire::server {
namespace {

using kube::array_in;
using kube::text_in;

std::vector<std::string> texts(const json::object& object, std::string_view key) {
  std::vector<std::string> out;
  if (const auto* list = array_in(object, key))
    for (const auto& item : *list)
      if (const auto* text = item.if_string()) out.emplace_back(*text);
  return out;
}

bool has(const std::vector<std::string>& list, std::string_view wanted) {
  return std::ranges::any_of(list, [&](const auto& one) { return one == "*" || one == wanted; });
}

/// "pods/log", and "*/log" for those of all resources.
bool has_resource(const std::vector<std::string>& list, std::string_view resource,
                  std::string_view subresource) {
  if (subresource.empty()) return has(list, resource);
  const auto whole = fmt::format("{}/{}", resource, subresource), of_any = fmt::format("*/{}", subresource);
  return std::ranges::any_of(list,
                             [&](const auto& one) { return one == "*" || one == whole || one == of_any; });
}

/// "/healthz", or "/healthz/*".
bool has_path(const std::vector<std::string>& list, std::string_view path) {
  return std::ranges::any_of(list, [&](std::string_view one) {
    return one == "*" || one == path ||
           (one.ends_with('*') && path.starts_with(one.substr(0, one.size() - 1)));
  });
}

/// "u:NAME" or "g:GROUP"; a ServiceAccount is the user system:serviceaccount:NS:NAME.
std::string subject_key(const json::object& subject, std::string_view binding_ns) {
  const auto kind = text_in(subject, "kind"), name = text_in(subject, "name");
  if (kind == "Group") return fmt::format("g:{}", name);
  if (kind != "ServiceAccount") return fmt::format("u:{}", name);
  const auto ns = text_in(subject, "namespace");
  return fmt::format("u:system:serviceaccount:{}:{}", ns.empty() ? binding_ns : ns, name);
}

json::array list_of(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

}  // namespace

bool Rbac::Rule::allows(const Attributes& wanted) const {
  if (!has(verbs, wanted.verb)) return false;
  if (wanted.resource.empty()) return has_path(paths, wanted.path);
  if (!has(groups, wanted.group) || !has_resource(resources, wanted.resource, wanted.subresource))
    return false;
  return names.empty() || std::ranges::find(names, wanted.name) != names.end();
}

void Rbac::put(std::string_view plural, const json::object& object) {
  const RoleKey key{std::string(text_in(object, "metadata", "namespace")),
                    std::string(text_in(object, "metadata", "name"))};
  if (plural == "roles" || plural == "clusterroles") {
    std::vector<Rule> rules;
    if (const auto* list = array_in(object, "rules"))
      for (const auto& item : *list)
        if (const auto* r = item.if_object())
          rules.push_back({texts(*r, "verbs"), texts(*r, "apiGroups"), texts(*r, "resources"),
                           texts(*r, "resourceNames"), texts(*r, "nonResourceURLs")});
    roles_[key] = std::move(rules);
    return;
  }
  drop_binding(key);
  Binding binding;
  binding.role.name = text_in(object, "roleRef", "name");
  if (text_in(object, "roleRef", "kind") == "Role") binding.role.ns = key.ns;
  if (const auto* list = array_in(object, "subjects"))
    for (const auto& item : *list)
      if (const auto* subject = item.if_object()) binding.subjects.push_back(subject_key(*subject, key.ns));
  for (const auto& subject : binding.subjects) grants_.emplace(subject, Grant{key, binding.role});
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
  if (plural == "roles" || plural == "clusterroles")
    roles_.erase(key);
  else
    drop_binding(key);
}

template <class Visit>
bool Rbac::any_rule(const User& user, std::string_view ns, Visit&& visit) const {
  const auto of_subject = [&](const std::string& subject) {
    const auto [first, last] = grants_.equal_range(subject);
    return std::any_of(first, last, [&](const auto& entry) {
      const Grant& grant = entry.second;
      if (!grant.binding.ns.empty() && grant.binding.ns != ns) return false;
      const auto role = roles_.find(grant.role);
      return role != roles_.end() &&
             std::ranges::any_of(role->second, [&](const Rule& r) { return visit(r); });
    });
  };
  if (of_subject("u:" + user.name)) return true;
  return std::ranges::any_of(user.groups, [&](const auto& group) { return of_subject("g:" + group); });
}

bool Rbac::allows(const Attributes& wanted) const {
  if (std::ranges::find(wanted.user.groups, "system:masters") != wanted.user.groups.end()) return true;
  return any_rule(wanted.user, wanted.ns, [&](const Rule& rule) { return rule.allows(wanted); });
}

json::object Rbac::rules_for(const User& user, std::string_view ns) const {
  json::array resources, paths;
  const auto add = [&](const Rule& r) {
    if (!r.resources.empty()) {
      json::object rule{
          {"verbs", list_of(r.verbs)}, {"apiGroups", list_of(r.groups)}, {"resources", list_of(r.resources)}};
      if (!r.names.empty()) rule["resourceNames"] = list_of(r.names);
      resources.push_back(std::move(rule));
    }
    if (!r.paths.empty())
      paths.push_back({{"verbs", list_of(r.verbs)}, {"nonResourceURLs", list_of(r.paths)}});
    return false;
  };
  if (std::ranges::find(user.groups, "system:masters") != user.groups.end())
    add({.verbs = {"*"}, .groups = {"*"}, .resources = {"*"}, .names = {}, .paths = {"*"}});
  any_rule(user, ns, add);
  return {
      {"resourceRules", std::move(resources)}, {"nonResourceRules", std::move(paths)}, {"incomplete", false}};
}

std::string denial(const Attributes& wanted) {
  const auto who = fmt::format("User \"{}\" cannot {}", wanted.user.name, wanted.verb);
  if (wanted.resource.empty()) return fmt::format("{} path \"{}\"", who, wanted.path);
  const auto what = wanted.subresource.empty() ? std::string(wanted.resource)
                                               : fmt::format("{}/{}", wanted.resource, wanted.subresource);
  const auto where = wanted.ns.empty() ? std::string("at the cluster scope")
                                       : fmt::format("in the namespace \"{}\"", wanted.ns);
  return fmt::format("{} resource \"{}\" in API group \"{}\" {}", who, what, wanted.group, where);
}

}  // namespace podwire::server
