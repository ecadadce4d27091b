#pragma once
#include <span>

#include "control/action.h"
#include "kube/types/daemon_set.h"
#include "kube/types/node.h"
#include "kube/types/pod.h"

namespace podwire::control {

/// What the controller sees of one DaemonSet.
struct DaemonSetView {
  const kube::DaemonSet& set;
  std::span<const kube::Node* const> nodes;
  std::span<const kube::Pod* const> pods;  ///< of its namespace: its own, and those that its selector matches
  kube::Time now;
};

/// One pod on every node that will take it, of the template as it is now; old ones are replaced while at most
/// maxUnavailable are missing. (maxSurge is not done: replacements come after the old pod has gone.)
[[nodiscard]] Actions reconcile_daemon_set(const DaemonSetView& view);

/// The node affinity that keeps a pod on that node is what tells which node a pod without nodeName is for.
[[nodiscard]] std::string node_of_daemon_pod(const kube::Pod& pod);

}  // namespace podwire::control
