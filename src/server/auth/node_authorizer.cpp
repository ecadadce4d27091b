#include "server/auth/node_authorizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/json.h"
#include "server/auth/policy_objects.h"

namespace podwire::server {
namespace {

constexpr std::string_view kLeaseNamespace = "kube-node-lease";

Decision allow() { return {.allowed = true, .reason = {}}; }
Decision no(std::string reason) { return {.allowed = false, .reason = std::move(reason)}; }

bool is_one_of(std::string_view verb, std::initializer_list<std::string_view> verbs) {
  return std::ranges::find(verbs, verb) != verbs.end();
}
bool reads(std::string_view verb) { return is_one_of(verb, {"get", "list", "watch"}); }

/// Whether a list is of objects whose `field` is `value`, and of nothing else.
bool selects(const Attributes& wanted, std::string_view field, std::string_view value) {
  return wanted.fields != nullptr && wanted.fields->exact(field) == value;
}

Decision unrelated(std::string_view node) {
  return no(fmt::format("no relationship found between node '{}' and this object", node));
}

Decision decide_lease(std::string_view node, const Attributes& wanted) {
  if (!is_one_of(wanted.verb, {"get", "create", "update", "patch", "delete"}))
    return no("can only get, create, update, patch, or delete a node lease");
  if (wanted.ns != kLeaseNamespace)
    return no(fmt::format("can only access leases in the \"{}\" system namespace", kLeaseNamespace));
  // A create's name is in its body: NodeRestriction looks at it.
  if (wanted.verb != "create" && wanted.name != node)
    return no("can only access node lease with the same name as the requesting node");
  return allow();
}

/// nullopt: not about reading nodes.
std::optional<Decision> decide_node(std::string_view node, const Attributes& wanted) {
  if (!wanted.subresource.empty() || !reads(wanted.verb)) return std::nullopt;
  if (wanted.verb == "get" || !wanted.name.empty()) {
    if (wanted.name == node) return allow();
    return no(fmt::format("node '{}' cannot read '{}', only its own Node object", node, wanted.name));
  }
  if (selects(wanted, "metadata.name", node)) return allow();
  return no(fmt::format("node '{}' cannot read all nodes, only its own Node object", node));
}

PolicyRules node_rules() {
  for (const auto& object : component_policy())
    if (kube::text_in(object, "metadata", "name") == "system:node") return rules_in(object);
  return {};
}

}  // namespace

std::optional<std::string_view> node_of(const User& user) {
  if (!user.name.starts_with(kNodeUserPrefix) ||
      std::ranges::find(user.groups, kNodesGroup) == user.groups.end())
    return std::nullopt;
  return std::string_view(user.name).substr(kNodeUserPrefix.size());
}

NodeAuthorizer::NodeAuthorizer(const NodeGraph& graph) : graph_(graph), rules_(node_rules()) {}

Decision NodeAuthorizer::decide_needed(std::string_view node, const Attributes& wanted) const {
  if (!reads(wanted.verb)) return no("can only read resources of this type");
  if (!wanted.subresource.empty()) return no("cannot read subresource");
  if (wanted.ns.empty()) return no("can only read namespaced object of this type");
  if (wanted.name.empty()) return no("No Object name found");
  return graph_.needs(node, wanted.resource, wanted.ns, wanted.name) ? allow() : unrelated(node);
}

Decision NodeAuthorizer::decide_token(std::string_view node, const Attributes& wanted) const {
  if (wanted.verb != "create" || wanted.name.empty())
    return no("can only create tokens for individual service accounts");
  return graph_.needs(node, "serviceaccounts", wanted.ns, wanted.name) ? allow() : unrelated(node);
}

Decision NodeAuthorizer::decide_pod(std::string_view node, const Attributes& wanted) const {
  if (!wanted.name.empty()) return graph_.runs(node, wanted.ns, wanted.name) ? allow() : unrelated(node);
  if (selects(wanted, "spec.nodeName", node)) return allow();
  return no("can only list/watch pods with spec.nodeName field selector");
}

Decision NodeAuthorizer::decide(const Attributes& wanted) const {
  const auto node = node_of(wanted.user);
  if (!node) return {};
  if (node->empty()) return no(fmt::format("unknown node for user \"{}\"", wanted.user.name));
  const auto& resource = wanted.resource;
  if (wanted.group.empty()) {
    if (resource == "secrets" || resource == "configmaps") return decide_needed(*node, wanted);
    if (resource == "serviceaccounts")
      return wanted.subresource == "token" ? decide_token(*node, wanted) : decide_needed(*node, wanted);
    if (resource == "nodes")
      if (auto decided = decide_node(*node, wanted)) return *decided;
    if (resource == "pods" && wanted.subresource.empty() && reads(wanted.verb))
      return decide_pod(*node, wanted);
  }
  if (wanted.group == "coordination.k8s.io" && resource == "leases") return decide_lease(*node, wanted);
  return {.allowed = std::ranges::any_of(rules_, [&](const auto& rule) { return rule.allows(wanted); }),
          .reason = {}};
}

}  // namespace podwire::server
