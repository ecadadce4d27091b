#pragma once
#include <optional>
#include <string_view>

#include "server/auth/node_graph.h"
#include "server/auth/policy_rule.h"

namespace podwire::server {

inline constexpr std::string_view kNodesGroup = "system:nodes", kNodeUserPrefix = "system:node:";

/// The node that a user is: system:node:NAME in the group system:nodes. nullopt: none.
[[nodiscard]] std::optional<std::string_view> node_of(const User& user);

/// Nodes may do what kubelets do (the ClusterRole system:node), and read only what their own pods need
/// (kube-apiserver's Node authorizer, in its words). It never forbids: what it does not allow, RBAC may.
class NodeAuthorizer {
 public:
  /// `graph` must outlive it.
  explicit NodeAuthorizer(const NodeGraph& graph);
  [[nodiscard]] Decision decide(const Attributes& wanted) const;

 private:
  [[nodiscard]] Decision decide_needed(std::string_view node, const Attributes& wanted) const;
  [[nodiscard]] Decision decide_token(std::string_view node, const Attributes& wanted) const;
  [[nodiscard]] Decision decide_pod(std::string_view node, const Attributes& wanted) const;

  const NodeGraph& graph_;
  PolicyRules rules_;
};

}  // namespace podwire::server
