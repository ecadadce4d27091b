#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "kube/json.h"

namespace podwire::kube {

/// What a pod's many statuses come to in one line, as `kubectl get pods` shows them.
struct PodStatus {
  std::string reason;  ///< "Running", "Init:0/2", "CrashLoopBackOff", "Terminating"...
  std::int64_t ready = 0;
  std::int64_t containers = 0;  ///< with the init containers that keep running (sidecars)
  std::int64_t restarts = 0;
  std::optional<std::chrono::sys_seconds> last_restart;

  [[nodiscard]] static PodStatus of(const json::object& pod);
};

}  // namespace podwire::kube
