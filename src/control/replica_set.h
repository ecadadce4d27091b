#pragma once
#include <map>
#include <span>

#include "control/action.h"
#include "kube/types/pod.h"
#include "kube/types/replica_set.h"

namespace podwire::control {

/// At most so many pods are created or deleted at once; the next look goes on.
inline constexpr std::size_t kReplicaBurst = 500;

/// Why the pods could not be brought to their number the last time.
struct ReplicaFailure {
  bool creating = true;  ///< else deleting
  std::string message;
};

/// What the controller sees of one ReplicaSet.
struct ReplicaSetView {
  const kube::ReplicaSet& set;
  std::span<const kube::Pod* const> pods;  ///< of its namespace: its own, and those that its selector matches
  /// Active pods a node of all ReplicaSets with the same owner; where it is empty, the set's own are counted.
  std::map<std::string, int> siblings_on_node;
  kube::Time now;
  std::optional<ReplicaFailure> failure;  ///< of what this controller tried last
};

/// Brings the pods of a ReplicaSet to its number: adopts, releases, creates, deletes; and writes its status,
/// with the condition ReplicaFailure while that does not succeed.
[[nodiscard]] Actions reconcile_replica_set(const ReplicaSetView& view);

/// In the order in which they are to be deleted: those first that are missed least.
void rank_for_deletion(std::vector<const kube::Pod*>& pods, const std::map<std::string, int>& on_node,
                       kube::Time now);

}  // namespace podwire::control
