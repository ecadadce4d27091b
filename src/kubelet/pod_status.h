#pragma once
#include "kubelet/pod_plan.h"

namespace podwire::kubelet {

/// The status of a pod as its node tells it: phase, conditions, containers, addresses. Conditions that others
/// keep (PodScheduled, readiness gates) stay as they are in the pod, and a condition that has not changed
/// keeps its time. Pure.
[[nodiscard]] json::object status_of(const Pod& pod, const PodSeen& seen,
                                     const std::vector<std::string>& node_addresses, Time now);

}  // namespace podwire::kubelet
