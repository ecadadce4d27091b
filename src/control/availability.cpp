#include "control/availability.h"

#include <algorithm>

namespace podwire::control {

std::optional<kube::Time> next_availability(std::span<const kube::Pod* const> pods, int min_ready_seconds,
                                            kube::Time now) {
  std::optional<kube::Time> next;
  if (min_ready_seconds <= 0) return next;
  for (const auto* pod : pods) {
    const auto* ready = kube::find_condition(pod->status.conditions, "Ready");
    if (ready == nullptr || ready->status != "True" || !ready->transition) continue;
    const auto at = *ready->transition + std::chrono::seconds(min_ready_seconds);
    if (at > now) next = next ? std::min(*next, at) : at;
  }
  return next;
}

}  // namespace podwire::control
