#include "kubelet/pod_plan.h"

#include <algorithm>

namespace podwire::kubelet {
namespace {

using State = ContainerSeen::State;
using namespace std::chrono_literals;

/// Writes a plan down step by step.
class Planner {
 public:
  Planner(const Pod& pod, const PodSeen& seen, Time now) : pod_(pod), seen_(seen), now_(now) {}

  Plan plan() {
    if (pod_.meta.deleted) {
      end();
    } else if (const auto phase = phase_of(pod_, seen_); phase == "Succeeded" || phase == "Failed") {
      finish();
    } else if (!seen_.attached) {
      make_sandbox();
    } else {
      run();
    }
    return std::move(out_);
  }

 private:
  void later(Time at) {
    if (!out_.look_again || at < *out_.look_again) out_.look_again = at;
  }
  bool is_due(Time at) {
    if (at <= now_) return true;
    later(at);
    return false;
  }

  /// True when nothing of the kind runs any more.
  bool stop_all(bool sidecars_too, std::int64_t grace, const std::string& why) {
    bool all_ended = true;
    for (const auto& run : seen_.runs) {
      if (run.state == State::exited) continue;
      const auto* spec = find_container(pod_.spec, run.name);
      if (!sidecars_too && spec != nullptr && spec->is_sidecar()) continue;
      all_ended = false;
      stop(run, grace, why);
    }
    return all_ended;
  }

  void stop(const ContainerSeen& run, std::int64_t grace, const std::string& why) {
    const auto asked = seen_.asked_to_end.find(run.id);
    if (asked == seen_.asked_to_end.end()) {
      out_.actions.emplace_back(EndContainer{run.name, run.id, why, grace == 0});
      later(now_ + std::chrono::seconds(grace));
    } else if (is_due(asked->second + std::max(std::chrono::seconds(grace), 1s))) {
      out_.actions.emplace_back(EndContainer{run.name, run.id, why, true});
    }
  }

  /// Containers first, then sidecars, then the network, then the object.
  void end() {
    const auto grace = pod_.deletion_grace.value_or(pod_.spec.grace_seconds);
    if (!stop_all(false, grace, "Stopping container") || !stop_all(true, grace, "Stopping container")) return;
    if (seen_.has_sandbox)
      out_.actions.emplace_back(TearDown{});
    else
      out_.actions.emplace_back(Forget{});
  }

  void finish() {
    if (!stop_all(true, pod_.spec.grace_seconds, "Stopping container")) return;
    if (seen_.has_sandbox) out_.actions.emplace_back(TearDown{});
  }

  void make_sandbox() {
    if (!stop_all(true, pod_.spec.grace_seconds, "Pod sandbox changed, it will be killed and re-created."))
      return;
    if (seen_.sandbox_trouble && !is_due(seen_.sandbox_trouble->again)) return;
    if (seen_.has_sandbox)
      out_.actions.emplace_back(TearDown{});
    else
      out_.actions.emplace_back(MakeSandbox{});
  }

  void run() {
    if (!run_init_containers()) return;
    for (const auto& spec : pod_.spec.containers) keep(spec);
  }

  /// True when the others may start: all have done their work, and sidecars have started.
  bool run_init_containers() {
    for (const auto& spec : pod_.spec.init_containers) {
      const auto* run = latest(seen_, spec.name);
      if (spec.is_sidecar()) {
        keep(spec);
        const auto probes = seen_.probes.find(spec.name);
        if (run == nullptr || run->state != State::running ||
            (probes != seen_.probes.end() && !probes->second.started))
          return is_past_init();
        continue;
      }
      if (run != nullptr && run->state == State::exited && run->exit_code == 0) continue;
      if (is_past_init()) continue;
      keep(spec);
      return false;
    }
    return true;
  }

  /// Once the pod's own containers were started, init containers are not looked at again.
  [[nodiscard]] bool is_past_init() const {
    return std::ranges::any_of(pod_.spec.containers,
                               [&](const auto& spec) { return latest(seen_, spec.name) != nullptr; });
  }

  /// Sees to it that a container runs, as far as its restart policy goes.
  void keep(const ContainerSpec& spec) {
    const auto* run = latest(seen_, spec.name);
    if (run == nullptr || run->state == State::exited) return start(spec, run);
    const auto probes = seen_.probes.find(spec.name);
    if (run->state == State::running && probes != seen_.probes.end() && probes->second.unhealthy)
      stop(*run, pod_.spec.grace_seconds,
           "Container " + spec.name + " failed liveness probe, will be restarted");
  }

  void start(const ContainerSpec& spec, const ContainerSeen* before) {
    StartContainer action{.name = spec.name};
    if (before != nullptr) {
      if (!is_restarted(pod_, spec, *before)) return;
      action.attempt = before->attempt + 1;
      action.back_off = next_back_off(*before);
      if (!is_due(before->finished + back_off_of(action.back_off))) return;
    }
    if (const auto waits = seen_.waiting.find(spec.name); waits != seen_.waiting.end())
      if (!is_due(waits->second.again)) return;
    out_.actions.emplace_back(std::move(action));
  }

  const Pod& pod_;
  const PodSeen& seen_;
  Time now_;
  Plan out_;
};

}  // namespace

const ContainerSeen* latest(const PodSeen& seen, std::string_view name) {
  const ContainerSeen* out = nullptr;
  for (const auto& run : seen.runs)
    if (run.name == name && (out == nullptr || run.attempt > out->attempt)) out = &run;
  return out;
}

std::chrono::seconds back_off_of(int restarts) {
  if (restarts <= 1) return 0s;
  constexpr int kDoublings = 5;
  return std::min(10s * (1 << std::min(restarts - 2, kDoublings)), std::chrono::seconds(5min));
}

int next_back_off(const ContainerSeen& ended) {
  return ended.finished - ended.started >= 10min && ended.started != Time{} ? 1 : ended.back_off + 1;
}

bool is_restarted(const Pod& pod, const ContainerSpec& spec, const ContainerSeen& ended) {
  if (spec.is_sidecar()) return true;
  const auto& policy = pod.spec.restart_policy;
  if (policy == "Never") return false;
  if (policy == "OnFailure" || ended.init) return ended.exit_code != 0;
  return true;
}

std::string_view phase_of(const Pod& pod, const PodSeen& seen) {
  if (pod.is_finished()) return pod.status.at("phase").as_string();
  for (const auto& spec : pod.spec.init_containers) {
    const auto* run = latest(seen, spec.name);
    if (spec.is_sidecar() || run == nullptr) continue;
    if (run->state == State::exited && run->exit_code != 0 && !is_restarted(pod, spec, *run)) return "Failed";
  }
  bool all_ended = true, failed = false, any = false;
  for (const auto& spec : pod.spec.containers) {
    const auto* run = latest(seen, spec.name);
    any = any || run != nullptr;
    const bool ended = run != nullptr && run->state == State::exited && !is_restarted(pod, spec, *run);
    all_ended = all_ended && ended;
    failed = failed || (ended && run->exit_code != 0);
  }
  if (all_ended) return failed ? "Failed" : "Succeeded";
  return any ? "Running" : "Pending";
}

Plan plan_pod(const Pod& pod, const PodSeen& seen, Time now) { return Planner(pod, seen, now).plan(); }

}  // namespace podwire::kubelet
