#pragma once
#include <span>

#include "control/action.h"
#include "kube/types/deployment.h"
#include "kube/types/pod.h"
#include "kube/types/replica_set.h"

namespace podwire::control {

inline constexpr std::string_view kTemplateHashLabel = "pod-template-hash";
inline constexpr std::string_view kRevisionAnnotation = "deployment.kubernetes.io/revision";
inline constexpr std::string_view kRevisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
inline constexpr std::string_view kDesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
inline constexpr std::string_view kMaxAnnotation = "deployment.kubernetes.io/max-replicas";

/// What the controller sees of one Deployment.
struct DeploymentView {
  const kube::Deployment& deployment;
  std::span<const kube::ReplicaSet* const>
      sets;  ///< of its namespace: its own, and those that its selector matches
  /// The pods of its ReplicaSets; only a Deployment with strategy Recreate needs them.
  std::span<const kube::Pod* const> pods;
  kube::Time now;
};

/// One step of a Deployment towards its template and number: a ReplicaSet for each template, the replicas
/// between them, revisions, the status with its conditions. What changes while time passes alone is said by
/// next_deadline.
[[nodiscard]] Actions reconcile_deployment(const DeploymentView& view);

/// When a rollout that makes no progress is to be looked at again; nullopt: nothing to wait for.
[[nodiscard]] std::optional<kube::Time> next_deadline(const kube::Deployment& deployment);

}  // namespace podwire::control
