#include "server/auth/policy_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <map>
#include <set>
#include <tuple>

#include "kube/json.h"

namespace podwire::server {
namespace {

using Names = std::vector<std::string>;

Names texts(const json::object& object, std::string_view key) {
  Names out;
  if (const auto* list = kube::array_in(object, key))
    for (const auto& item : *list)
      if (const auto* text = item.if_string()) out.emplace_back(*text);
  return out;
}

bool has(const Names& list, std::string_view wanted) {
  return std::ranges::any_of(list, [&](const auto& one) { return one == "*" || one == wanted; });
}

/// "pods/log", and "*/log" for those of all resources.
bool has_resource(const Names& list, std::string_view resource, std::string_view subresource) {
  if (subresource.empty()) return has(list, resource);
  const auto whole = fmt::format("{}/{}", resource, subresource), of_any = fmt::format("*/{}", subresource);
  return std::ranges::any_of(list,
                             [&](const auto& one) { return one == "*" || one == whole || one == of_any; });
}

/// "/healthz", or "/healthz/*".
bool has_path(const Names& list, std::string_view path) {
  return std::ranges::any_of(list, [&](std::string_view one) {
    return one == "*" || one == path ||
           (one.ends_with('*') && path.starts_with(one.substr(0, one.size() - 1)));
  });
}

/// Rules of one verb on one thing each.
PolicyRules broken_down(const PolicyRules& rules) {
  PolicyRules out;
  for (const auto& rule : rules) {
    for (const auto& group : rule.groups)
      for (const auto& resource : rule.resources)
        for (const auto& verb : rule.verbs) {
          if (rule.names.empty()) out.push_back({{verb}, {group}, {resource}, {}, {}});
          for (const auto& name : rule.names) out.push_back({{verb}, {group}, {resource}, {name}, {}});
        }
    for (const auto& path : rule.paths)
      for (const auto& verb : rule.verbs) out.push_back({{verb}, {}, {}, {}, {path}});
  }
  return out;
}

/// `one` is of broken_down().
bool covers(const PolicyRule& held, const PolicyRule& one) {
  if (!has(held.verbs, one.verbs.front())) return false;
  if (!one.paths.empty()) return has_path(held.paths, one.paths.front());
  const std::string_view resource = one.resources.front();
  const auto slash = resource.find('/');
  const auto subresource = slash == std::string_view::npos ? std::string_view() : resource.substr(slash + 1);
  if (!has(held.groups, one.groups.front()) ||
      !has_resource(held.resources, resource.substr(0, slash), subresource))
    return false;
  if (held.names.empty()) return true;
  return !one.names.empty() && std::ranges::find(held.names, one.names.front()) != held.names.end();
}

std::string quoted(const Names& names) {
  std::string out;
  for (const auto& name : names) out += fmt::format("{}\"{}\"", out.empty() ? "" : " ", name);
  return out;
}

std::string described(const PolicyRule& rule) {
  std::string out;
  const auto add = [&](std::string_view what, const Names& names) {
    if (!names.empty()) out += fmt::format("{}{}:[{}]", out.empty() ? "" : ", ", what, quoted(names));
  };
  add("APIGroups", rule.groups);
  add("Resources", rule.resources);
  add("NonResourceURLs", rule.paths);
  add("ResourceNames", rule.names);
  add("Verbs", rule.verbs);
  return "{" + out + "}";
}

}  // namespace

bool PolicyRule::allows(const Attributes& wanted) const {
  if (!has(verbs, wanted.verb)) return false;
  if (wanted.resource.empty()) return has_path(paths, wanted.path);
  if (!has(groups, wanted.group) || !has_resource(resources, wanted.resource, wanted.subresource))
    return false;
  return names.empty() || std::ranges::find(names, wanted.name) != names.end();
}

PolicyRules rules_in(const json::object& role) {
  PolicyRules out;
  if (const auto* list = kube::array_in(role, "rules"))
    for (const auto& item : *list)
      if (const auto* r = item.if_object())
        out.push_back({texts(*r, "verbs"), texts(*r, "apiGroups"), texts(*r, "resources"),
                       texts(*r, "resourceNames"), texts(*r, "nonResourceURLs")});
  return out;
}

json::object to_json(const PolicyRule& rule) {
  json::object out;
  const auto put = [&](std::string_view key, const Names& names) {
    if (!names.empty()) out[key] = json::array(names.begin(), names.end());
  };
  put("verbs", rule.verbs);
  put("apiGroups", rule.groups);
  put("resources", rule.resources);
  put("resourceNames", rule.names);
  put("nonResourceURLs", rule.paths);
  return out;
}

PolicyRules uncovered(const PolicyRules& held, const PolicyRules& wanted) {
  auto out = broken_down(wanted);
  std::erase_if(out, [&](const PolicyRule& one) {
    return std::ranges::any_of(held, [&](const PolicyRule& rule) { return covers(rule, one); });
  });
  return out;
}

std::string described(const PolicyRules& rules) {
  // Those that differ by nothing but the verb are told in one line.
  std::map<std::tuple<Names, Names, Names, Names>, Names> verbs;
  for (const auto& rule : rules) {
    auto& all = verbs[{rule.groups, rule.resources, rule.names, rule.paths}];
    for (const auto& verb : rule.verbs)
      if (std::ranges::find(all, verb) == all.end()) all.push_back(verb);
  }
  std::set<std::string> lines;
  for (const auto& [what, how] : verbs) {
    const auto& [groups, resources, names, paths] = what;
    lines.insert(described(PolicyRule{how, groups, resources, names, paths}));
  }
  std::string out;
  for (const auto& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

}  // namespace podwire::server
