#pragma once
#include <span>

#include "control/action.h"
#include "kube/types/lease.h"
#include "kube/types/node.h"
#include "kube/types/pod.h"

namespace podwire::control {

/// How long a node may be silent before nobody knows how it is.
inline constexpr std::chrono::seconds kNodeGrace(50);

/// What the controller sees of one node.
struct NodeView {
  const kube::Node& node;
  const kube::Lease* lease = nullptr;      ///< kube-node-lease/NAME; nullptr: none
  std::span<const kube::Pod* const> pods;  ///< those bound to the node
  kube::Time now;
};

/// Turns a node's silence into Ready=Unknown, its state into taints, and removes the pods that do not
/// tolerate them (any longer). Takes the taints away again when the node is back.
[[nodiscard]] Actions reconcile_node(const NodeView& view);

/// When the node is to be looked at again though nothing changed; nullopt: not before something does.
[[nodiscard]] std::optional<kube::Time> next_look(const NodeView& view);

}  // namespace podwire::control
