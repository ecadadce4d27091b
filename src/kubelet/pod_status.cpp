#include "kubelet/pod_status.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace podwire::kubelet {
namespace {

using State = ContainerSeen::State;

json::object terminated(const ContainerSeen& run) {
  std::string reason = run.reason;
  if (reason.empty()) reason = run.exit_code == 0 ? "Completed" : "Error";
  json::object out{{"exitCode", run.exit_code}, {"reason", std::move(reason)}};
  if (!run.message.empty()) out["message"] = run.message;
  out["startedAt"] = kube::time_text(run.started == Time{} ? run.finished : run.started);
  out["finishedAt"] = kube::time_text(run.finished);
  out["containerID"] = "podwire://" + run.id;
  return {{"terminated", std::move(out)}};
}

json::object waiting(std::string_view reason, std::string_view message = {}) {
  json::object out{{"reason", reason}};
  if (!message.empty()) out["message"] = message;
  return {{"waiting", std::move(out)}};
}

/// What it says while the time for the next run has not come.
json::object crash_loop(const Pod& pod, const ContainerSeen& run) {
  return waiting("CrashLoopBackOff",
                 fmt::format(
                     "back-off {} restarting failed container={} pod={}",
                     [](auto wait) {
                       return wait.count() % 60 == 0 ? fmt::format("{}m0s", wait.count() / 60)
                              : wait.count() > 60
                                  ? fmt::format("{}m{}s", wait.count() / 60, wait.count() % 60)
                                  : fmt::format("{}s", wait.count());
                     }(back_off_of(next_back_off(run))),
                     run.name, pod.described()));
}

class StatusWriter {
 public:
  StatusWriter(const Pod& pod, const PodSeen& seen, Time now) : pod_(pod), seen_(seen), now_(now) {}

  json::object write(const std::vector<std::string>& node_addresses) {
    const std::string phase(phase_of(pod_, seen_));
    json::object out{{"phase", phase}};
    json::array init, main;
    for (const auto& spec : pod_.spec.init_containers) init.push_back(container(spec, true));
    for (const auto& spec : pod_.spec.containers) main.push_back(container(spec, false));
    if (!init.empty()) out["initContainerStatuses"] = std::move(init);
    out["containerStatuses"] = std::move(main);
    out["conditions"] = conditions(phase);
    const auto started = kube::text_in(pod_.status, "startTime");
    out["startTime"] = started.empty() ? kube::time_text(now_) : std::string(started);
    out["qosClass"] = qos_class(pod_.spec);
    addresses(out, node_addresses);
    return out;
  }

 private:
  [[nodiscard]] ProbeFindings probes(std::string_view name) const {
    const auto found = seen_.probes.find(std::string(name));
    return found == seen_.probes.end() ? ProbeFindings{} : found->second;
  }

  [[nodiscard]] bool is_running(std::string_view name) const {
    const auto* run = latest(seen_, name);
    return run != nullptr && run->state == State::running;
  }
  [[nodiscard]] bool has_started(const ContainerSpec& spec) const {
    return is_running(spec.name) && probes(spec.name).started;
  }
  /// An init container counts as ready when it has done its work.
  [[nodiscard]] bool is_ready(const ContainerSpec& spec, bool init) const {
    const auto* run = latest(seen_, spec.name);
    if (init && !spec.is_sidecar())
      return run != nullptr && run->state == State::exited && run->exit_code == 0;
    return has_started(spec) && probes(spec.name).ready && !pod_.is_finished();
  }

  [[nodiscard]] json::object state_of(const ContainerSpec& spec, const ContainerSeen* run) const {
    if (run != nullptr && run->state == State::running)
      return {{"running", {{"startedAt", kube::time_text(run->started)}}}};
    if (const auto waits = seen_.waiting.find(spec.name); waits != seen_.waiting.end())
      return waiting(waits->second.reason, waits->second.message);
    if (run != nullptr && run->state == State::exited) {
      const bool again = !pod_.meta.deleted && is_restarted(pod_, spec, *run);
      if (again && run->finished + back_off_of(next_back_off(*run)) > now_) return crash_loop(pod_, *run);
      return terminated(*run);
    }
    if (pod_.spec.init_containers.empty() || all_initialized()) return waiting("ContainerCreating");
    return waiting("PodInitializing");
  }

  [[nodiscard]] json::object container(const ContainerSpec& spec, bool init) const {
    const auto* run = latest(seen_, spec.name);
    json::object out{{"name", spec.name}, {"state", state_of(spec, run)}};
    json::object last;
    for (const auto& before : seen_.runs) {
      const bool is_present = run != nullptr && before.attempt == run->attempt;
      const bool shown_above = is_present && out["state"].as_object().contains("terminated");
      if (before.name == spec.name && before.state == State::exited && !shown_above)
        last = terminated(before);
    }
    out["lastState"] = std::move(last);
    out["ready"] = is_ready(spec, init);
    out["restartCount"] = run != nullptr ? run->attempt : 0;
    out["image"] = run != nullptr && !run->image.empty() ? run->image : spec.image;
    out["imageID"] = run != nullptr ? run->image_id : "";
    if (run != nullptr) out["containerID"] = "podwire://" + run->id;
    out["started"] = has_started(spec);
    return out;
  }

  [[nodiscard]] bool all_initialized() const {
    return std::ranges::all_of(pod_.spec.init_containers, [&](const auto& spec) {
      return spec.is_sidecar() ? has_started(spec) : is_ready(spec, true);
    });
  }

  [[nodiscard]] json::array conditions(const std::string& phase) const {
    std::vector<std::string_view> unready, uninitialized;
    for (const auto& spec : pod_.spec.containers)
      if (!is_ready(spec, false)) unready.emplace_back(spec.name);
    for (const auto& spec : pod_.spec.init_containers)
      if (!(spec.is_sidecar() ? has_started(spec) : is_ready(spec, true)))
        uninitialized.emplace_back(spec.name);
    const bool done = phase == "Succeeded";
    const bool failed = phase == "Failed";
    const auto names = [](const auto& list) { return fmt::format("[{}]", fmt::join(list, " ")); };

    json::array out;
    if (const auto* before = kube::array_in(pod_.status, "conditions")) out = *before;
    set(out, "PodReadyToStartContainers", seen_.attached, {}, {});
    const bool past = std::ranges::any_of(
        pod_.spec.containers, [&](const auto& spec) { return latest(seen_, spec.name) != nullptr; });
    if (done)
      set(out, "Initialized", true, "PodCompleted", {});
    else if (uninitialized.empty() || past)
      set(out, "Initialized", true, {}, {});
    else
      set(out, "Initialized", false, "ContainersNotInitialized",
          "containers with incomplete status: " + names(uninitialized));
    std::string gate = "containers with unready status: " + names(unready);
    const bool ready = unready.empty() && !done && !failed;
    const std::string_view why = done ? "PodCompleted" : failed ? "PodFailed" : "ContainersNotReady";
    set(out, "ContainersReady", ready, ready ? "" : why, ready || done || failed ? "" : gate);
    std::vector<std::string_view> closed;
    for (const auto& type : pod_.spec.readiness_gates)
      if (!is_true(out, type)) closed.emplace_back(type);
    if (ready && !closed.empty())
      set(out, "Ready", false, "ReadinessGatesNotReady",
          fmt::format("the status of pod readiness gate \"{}\" is not \"True\"",
                      fmt::join(closed, "\", \"")));
    else
      set(out, "Ready", ready, ready ? "" : why, ready || done || failed ? "" : gate);
    return out;
  }

  static bool is_true(const json::array& conditions, std::string_view type) {
    return std::ranges::any_of(conditions, [&](const json::value& c) {
      return c.is_object() && kube::text_in(c.get_object(), "type") == type &&
             kube::text_in(c.get_object(), "status") == "True";
    });
  }

  void set(json::array& conditions, std::string_view type, bool value, std::string_view reason,
           std::string_view message) const {
    const std::string_view status = value ? "True" : "False";
    json::object made{{"type", type}, {"status", status}};
    if (!reason.empty()) made["reason"] = reason;
    if (!message.empty()) made["message"] = message;
    made["lastTransitionTime"] = kube::time_text(now_);
    for (auto& before : conditions) {
      auto* object = before.if_object();
      if (object == nullptr || kube::text_in(*object, "type") != type) continue;
      if (kube::text_in(*object, "status") == status)
        made["lastTransitionTime"] = json::value(object->at("lastTransitionTime"));
      before = std::move(made);
      return;
    }
    conditions.push_back(std::move(made));
  }

  void addresses(json::object& out, const std::vector<std::string>& node_addresses) const {
    const auto list = [&](const std::vector<std::string>& from, const char* one, const char* all) {
      if (from.empty()) return;
      out[one] = from.front();
      json::array objects;
      for (const auto& address : from) objects.push_back(json::object{{"ip", address}});
      out[all] = std::move(objects);
    };
    list(node_addresses, "hostIP", "hostIPs");
    list(seen_.addresses, "podIP", "podIPs");
  }

  const Pod& pod_;
  const PodSeen& seen_;
  Time now_;
};

}  // namespace

json::object status_of(const Pod& pod, const PodSeen& seen, const std::vector<std::string>& node_addresses,
                       Time now) {
  return StatusWriter(pod, seen, now).write(node_addresses);
}

}  // namespace podwire::kubelet
