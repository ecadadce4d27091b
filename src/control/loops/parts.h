#pragma once
#include <memory>

#include "control/loops/loop.h"
#include "plan/lb_pool.h"
#include "plan/pod_cidrs.h"

/// The controllers, each a Loop: what touches their keys, and what they look at.
namespace podwire::control {

[[nodiscard]] std::unique_ptr<Loop> replica_sets(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> deployments(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> endpoint_slices(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> endpoints(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> daemon_sets(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> scheduling(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> node_lifecycle(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> garbage(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> lost_pods(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> namespaces(Surroundings& around);
[[nodiscard]] std::unique_ptr<Loop> pod_cidrs(Surroundings& around, plan::PodCidrs ranges);
[[nodiscard]] std::unique_ptr<Loop> load_balancers(Surroundings& around, plan::LbPool pool);

}  // namespace podwire::control
