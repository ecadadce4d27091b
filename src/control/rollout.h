#pragma once
#include <vector>

#include "kube/types/deployment.h"
#include "kube/types/replica_set.h"

/// The numbers of a Deployment's rollout: how many replicas each ReplicaSet is to have. Only arithmetic.
namespace podwire::control {

/// One ReplicaSet as the rollout counts it.
struct Share {
  const kube::ReplicaSet* set = nullptr;  ///< nullptr: it is yet to be created
  bool current = false;                   ///< it has the Deployment's template
  int replicas = 0;  ///< asked for so far; what it is to be, once the rollout has decided
  int available = 0;
};

struct Limits {
  int surge = 0, unavailable = 0;
};

/// maxSurge rounded up, maxUnavailable down; when both come to nothing one may be unavailable, or the rollout
/// would stand still.
[[nodiscard]] Limits limits_of(const kube::Deployment& deployment);

/// One step of a rolling update. Shares are sorted by age, oldest first.
void roll(std::vector<Share>& shares, int wanted, Limits limits);

/// Spreads a change of the number over all sets that run, in proportion to their size.
void scale_proportionally(std::vector<Share>& shares, const kube::Deployment& deployment);

/// What the current set may have with the others as they are.
[[nodiscard]] int replicas_of_current(const std::vector<Share>& shares, int wanted, Limits limits);

}  // namespace podwire::control
