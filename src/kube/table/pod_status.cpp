#include "kube/table/pod_status.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "kube/table/cells.h"
#include "kube/table/human_time.h"

namespace podwire::kube {
namespace {

using Seconds = std::optional<std::chrono::sys_seconds>;

/// Restarts of several containers together, and the last of them.
struct Restarts {
  std::int64_t count = 0;
  Seconds last;

  void add(const json::object& container) {
    count += number_in(container, "restartCount");
    const auto ended = parse_time(text_in(container, "lastState", "terminated", "finishedAt"));
    if (ended && (!last || *last < *ended)) last = ended;
  }
};

bool is_true(const json::object& object, std::string_view key) {
  const auto* value = in(object, key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

/// Init containers that restart for ever: they run beside the others and count as one of them.
std::unordered_set<std::string_view> sidecars_of(const json::object& pod) {
  std::unordered_set<std::string_view> out;
  each_object(array_in(pod, "spec", "initContainers"), [&](const json::object& one) {
    if (text_in(one, "restartPolicy") == "Always") out.insert(text_in(one, "name"));
  });
  return out;
}

bool has_condition(const json::object& pod, std::string_view type) {
  bool out = false;
  each_object(array_in(pod, "status", "conditions"), [&](const json::object& one) {
    out = out || (text_in(one, "type") == type && text_in(one, "status") == "True");
  });
  return out;
}

/// Why a container ended: its reason, else its signal or exit code.
std::string ended_by(const json::object& terminated) {
  if (const auto reason = text_in(terminated, "reason"); !reason.empty()) return std::string(reason);
  if (const auto signal = number_in(terminated, "signal"); signal != 0)
    return "Signal:" + std::to_string(signal);
  return "ExitCode:" + std::to_string(number_in(terminated, "exitCode"));
}

/// Where the init containers stand: the first that has not done its part says it. nullopt: all have.
std::optional<std::string> init_reason(const json::object& pod,
                                       const std::unordered_set<std::string_view>& sidecars, Restarts& all,
                                       Restarts& of_sidecars, std::int64_t& ready) {
  const auto* statuses = array_in(pod, "status", "initContainerStatuses");
  for (std::size_t i = 0; i < size_of(statuses); ++i) {
    const auto* one = (*statuses)[i].if_object();
    if (one == nullptr) continue;
    const bool sidecar = sidecars.contains(text_in(*one, "name"));
    all.add(*one);
    if (sidecar) of_sidecars.add(*one);
    const auto* terminated = object_in(*one, "state", "terminated");
    if (terminated != nullptr && number_in(*terminated, "exitCode") == 0) continue;
    if (sidecar && is_true(*one, "started")) {
      ready += is_true(*one, "ready") ? 1 : 0;
      continue;
    }
    if (terminated != nullptr) return "Init:" + ended_by(*terminated);
    const auto waiting = text_in(*one, "state", "waiting", "reason");
    if (!waiting.empty() && waiting != "PodInitializing") return "Init:" + std::string(waiting);
    return "Init:" + std::to_string(i) + "/" +
           std::to_string(size_of(array_in(pod, "spec", "initContainers")));
  }
  return std::nullopt;
}

/// The containers proper, the last one first: the first one's trouble is what is shown in the end.
void look_at_containers(const json::object& pod, PodStatus& out, Restarts& restarts) {
  const auto* statuses = array_in(pod, "status", "containerStatuses");
  bool running = false;
  for (std::size_t i = size_of(statuses); i-- > 0;) {
    const auto* one = (*statuses)[i].if_object();
    if (one == nullptr) continue;
    restarts.add(*one);
    const auto waiting = text_in(*one, "state", "waiting", "reason");
    if (!waiting.empty()) {
      out.reason = waiting;
    } else if (const auto* terminated = object_in(*one, "state", "terminated")) {
      out.reason = ended_by(*terminated);
    } else if (is_true(*one, "ready") && object_in(*one, "state", "running") != nullptr) {
      running = true;
      ++out.ready;
    }
  }
  if (out.reason == "Completed" && running) out.reason = has_condition(pod, "Ready") ? "Running" : "NotReady";
}

}  // namespace

PodStatus PodStatus::of(const json::object& pod) {
  const auto phase = text_in(pod, "status", "phase");
  const auto said = text_in(pod, "status", "reason");
  const auto sidecars = sidecars_of(pod);
  PodStatus out;
  out.reason = or_else(said, phase);
  out.containers = static_cast<std::int64_t>(size_of(array_in(pod, "spec", "containers")) + sidecars.size());
  each_object(array_in(pod, "status", "conditions"), [&](const json::object& one) {
    if (text_in(one, "type") == "PodScheduled" && text_in(one, "reason") == "SchedulingGated")
      out.reason = "SchedulingGated";
  });

  Restarts restarts;
  Restarts of_sidecars;
  const auto init = init_reason(pod, sidecars, restarts, of_sidecars, out.ready);
  if (init) out.reason = *init;
  if (!init || has_condition(pod, "Initialized")) {
    restarts = of_sidecars;  // those of init containers are of no interest any more
    look_at_containers(pod, out, restarts);
  }

  if (in(pod, "metadata", "deletionTimestamp") != nullptr) {
    if (said == "NodeLost")
      out.reason = "Unknown";
    else if (phase != "Succeeded" && phase != "Failed")
      out.reason = "Terminating";
  }
  out.restarts = restarts.count;
  out.last_restart = restarts.last;
  return out;
}

}  // namespace podwire::kube
