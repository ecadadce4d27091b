#include "control/deployment_status.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/rollout.h"

namespace podwire::control {

namespace {

using Status = kube::Deployment::Status;

/// lastTransitionTime is when the status changed, lastUpdateTime when anything did.
void set_condition(Status& status, kube::Condition wanted, kube::Time now) {
  const auto old = std::ranges::find(status.conditions, wanted.type, &kube::Condition::type);
  wanted.updated = wanted.transition = now;
  if (old == status.conditions.end()) {
    status.conditions.push_back(std::move(wanted));
    return;
  }
  if (old->status == wanted.status && old->reason == wanted.reason && old->message == wanted.message) return;
  if (old->status == wanted.status) wanted.transition = old->transition;
  *old = std::move(wanted);
}

kube::Condition availability(const kube::Deployment& d, const Status& status) {
  if (status.available >= d.replicas - limits_of(d).unavailable)
    return {"Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."};
  return {"Available", "False", "MinimumReplicasUnavailable",
          "Deployment does not have minimum availability."};
}

bool has_progressed(const Status& before, const Status& now) {
  return now.updated > before.updated || now.replicas - now.updated < before.replicas - before.updated ||
         now.ready > before.ready || now.available > before.available;
}

bool has_timed_out(const kube::Deployment& d, kube::Time now) {
  const auto* condition = kube::find_condition(d.status.conditions, "Progressing");
  if (condition == nullptr || condition->reason == "NewReplicaSetAvailable" || !condition->updated)
    return false;
  if (condition->reason == "ProgressDeadlineExceeded") return true;
  return *condition->updated + std::chrono::seconds(*d.progress_deadline_seconds) < now;
}

void set_progress(const DeploymentView& view, const RolloutReport& report, Status& status) {
  const auto& d = view.deployment;
  if (!d.progress_deadline_seconds) {
    std::erase_if(status.conditions, [](const auto& c) { return c.type == "Progressing"; });
    return;
  }
  const auto* old = kube::find_condition(d.status.conditions, "Progressing");
  const auto progress = [&](std::string state, std::string reason, std::string message) {
    set_condition(status, {"Progressing", std::move(state), std::move(reason), std::move(message)}, view.now);
  };
  if (d.paused) {
    if (old == nullptr || old->reason != "DeploymentPaused")
      progress("Unknown", "DeploymentPaused", "Deployment is paused");
    return;
  }
  if (old != nullptr && old->reason == "DeploymentPaused")
    return progress("Unknown", "DeploymentResumed", "Deployment is resumed");
  if (!report.created.empty())
    return progress("True", "NewReplicaSetCreated",
                    fmt::format("Created new replica set \"{}\"", report.created));
  if (report.current == nullptr) return;
  const auto name = fmt::format("ReplicaSet \"{}\"", report.current->meta.name);
  if (is_complete(d, status))
    return progress("True", "NewReplicaSetAvailable", name + " has successfully progressed.");
  if (old == nullptr)
    return progress("True", "FoundNewReplicaSet",
                    fmt::format("Found new replica set \"{}\"", report.current->meta.name));
  if (has_progressed(d.status, status)) {
    const bool again = old->status == "True" && old->reason == "ReplicaSetUpdated";
    if (again)
      std::ranges::find(status.conditions, "Progressing", &kube::Condition::type)->updated = view.now;
    return progress("True", "ReplicaSetUpdated", name + " is progressing.");
  }
  if (has_timed_out(d, view.now))
    progress("False", "ProgressDeadlineExceeded", name + " has timed out progressing.");
}

}  // namespace

bool is_complete(const kube::Deployment& d, const Status& status) {
  return status.updated == d.replicas && status.replicas == d.replicas && status.available == d.replicas &&
         status.observed_generation >= d.meta.generation;
}

Status status_of(const DeploymentView& view, const RolloutReport& report) {
  auto status = view.deployment.status;
  status.replicas = status.ready = status.available = 0;
  for (const auto* set : report.all) {
    status.replicas += set->status.replicas;
    status.ready += set->status.ready;
    status.available += set->status.available;
  }
  status.updated = report.current != nullptr ? report.current->status.replicas : 0;
  int asked = 0;
  for (const auto* set : report.all) asked += set->replicas;
  status.unavailable = std::max(0, asked - status.available);
  status.observed_generation = view.deployment.meta.generation;
  if (report.collision_count) status.collision_count = report.collision_count;
  set_condition(status, availability(view.deployment, status), view.now);
  set_progress(view, report, status);
  return status;
}

std::optional<kube::Time> next_deadline(const kube::Deployment& d) {
  if (!d.progress_deadline_seconds || d.paused || is_complete(d, d.status)) return std::nullopt;
  const auto* condition = kube::find_condition(d.status.conditions, "Progressing");
  if (condition == nullptr || !condition->updated || condition->reason == "NewReplicaSetAvailable" ||
      condition->reason == "ProgressDeadlineExceeded")
    return std::nullopt;
  return *condition->updated + std::chrono::seconds(*d.progress_deadline_seconds + 1);
}

}  // namespace podwire::control
