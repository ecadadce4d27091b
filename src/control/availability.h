#pragma once
#include <optional>
#include <span>

#include "kube/types/pod.h"

namespace podwire::control {

/// When the next of the pods that are ready will have been so for minReadySeconds, and with it available
/// though nothing changes; nullopt: none is on its way.
[[nodiscard]] std::optional<kube::Time> next_availability(std::span<const kube::Pod* const> pods,
                                                          int min_ready_seconds, kube::Time now);

}  // namespace podwire::control
