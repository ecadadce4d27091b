#include <algorithm>
#include <bit>
#include <charconv>
#include <tuple>

#include "control/replica_set.h"

namespace podwire::control {

namespace {

constexpr std::string_view kDeletionCost = "controller.kubernetes.io/pod-deletion-cost";

int phase_rank(const std::string& phase) { return phase == "Running" ? 2 : phase == "Unknown" ? 1 : 0; }

std::int32_t deletion_cost(const kube::Pod& pod) {
  const auto text = kube::text_of(pod.meta.annotations, kDeletionCost);
  std::int32_t cost = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), cost);
  return error == std::errc() && stop == text.data() + text.size() ? cost : 0;
}

/// Ages that differ by less than a factor of two are the same, so that it is not always the youngest, and
/// with it one zone or node, that goes.
int age_class(kube::Time since, kube::Time now) {
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - since).count();
  return age <= 0 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(age)));
}

kube::Time ready_since(const kube::Pod& pod) {
  const auto* ready = kube::find_condition(pod.status.conditions, "Ready");
  return ready != nullptr && ready->status == "True" && ready->transition ? *ready->transition : kube::Time();
}

/// Less is deleted earlier.
auto worth(const kube::Pod& pod, const std::map<std::string, int>& on_node, kube::Time now) {
  const bool assigned = !pod.spec.node_name.empty();
  const bool ready = kube::is_ready(pod);
  const auto doubles = on_node.find(pod.spec.node_name);
  return std::tuple(assigned, phase_rank(pod.status.phase), ready, deletion_cost(pod),
                    ready && doubles != on_node.end() ? -doubles->second : 0,
                    ready ? age_class(ready_since(pod), now) : 0, -pod.status.restarts,
                    age_class(pod.meta.created, now), std::string_view(pod.meta.uid));
}

}  // namespace

void rank_for_deletion(std::vector<const kube::Pod*>& pods, const std::map<std::string, int>& on_node,
                       kube::Time now) {
  std::ranges::sort(pods, [&](const kube::Pod* a, const kube::Pod* b) {
    return worth(*a, on_node, now) < worth(*b, on_node, now);
  });
}

}  // namespace podwire::control
