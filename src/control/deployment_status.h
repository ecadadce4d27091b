#pragma once
#include "control/deployment.h"

namespace podwire::control {

/// What there is to say of a Deployment after a step.
struct RolloutReport {
  const kube::ReplicaSet* current = nullptr;  ///< the set with its template, as it was seen
  std::vector<const kube::ReplicaSet*> all;
  std::string created;  ///< the name of the set that this step creates
  std::optional<int> collision_count;
};

[[nodiscard]] kube::Deployment::Status status_of(const DeploymentView& view, const RolloutReport& report);

/// All its pods are of the newest template and available, and no others are left.
[[nodiscard]] bool is_complete(const kube::Deployment& deployment, const kube::Deployment::Status& status);

}  // namespace podwire::control
