#pragma once
#include <span>

#include "control/action.h"
#include "kube/types/pod.h"

/// Which pods nobody else takes away (kube-controller-manager's pod garbage collector).
namespace podwire::control {

/// How long a node may be gone before its pods are lost: it may be on its way back under the same name.
inline constexpr std::chrono::seconds kNodeQuarantine(40);
/// So many finished pods are kept for those who want to read their logs.
inline constexpr std::size_t kFinishedPodsKept = 12500;

/// The pods of a node that is gone for good: each is marked as failed, which those who count on it see, and
/// deleted at once, for no agent will ever say that it has ended.
[[nodiscard]] Actions collect_orphans(std::span<const kube::Pod* const> pods, kube::Time now);

/// The oldest of those beyond the number that is kept.
[[nodiscard]] Actions collect_finished(std::vector<const kube::Pod*> finished,
                                       std::size_t kept = kFinishedPodsKept);

}  // namespace podwire::control
