#include "control/replica_set.h"

#include <algorithm>

#include "control/ownership.h"
#include "control/pod_template.h"

namespace podwire::control {

namespace {

using kube::Pod;

constexpr std::string_view kReplicaFailure = "ReplicaFailure";

std::map<std::string, int> count_on_nodes(const std::vector<const Pod*>& pods) {
  std::map<std::string, int> on_node;
  for (const auto* pod : pods) ++on_node[pod->spec.node_name];
  return on_node;
}

Record about(const kube::ReplicaSet& set) { return record_about("apps/v1", "ReplicaSet", set.meta); }

void create_pods(const kube::ReplicaSet& set, std::size_t count, Actions& actions) {
  const auto pod =
      pod_of(set.pod_template, set.meta, controller_reference("apps/v1", "ReplicaSet", set.meta));
  auto created = about(set);
  created.reason = "SuccessfulCreate";
  created.message = "Created pod: {}";
  for (std::size_t i = 0; i < count; ++i)
    actions.emplace_back(Create{"pods", set.meta.namespace_, pod, "", "", created});
}

void delete_pods(const ReplicaSetView& view, std::vector<const Pod*> pods, std::size_t count,
                 Actions& actions) {
  rank_for_deletion(pods, view.siblings_on_node.empty() ? count_on_nodes(pods) : view.siblings_on_node,
                    view.now);
  pods.resize(std::min(pods.size(), count));
  for (const auto* pod : pods) {
    actions.emplace_back(Delete{"pods", pod->meta.namespace_, pod->meta.name, pod->meta.uid, {}});
    auto deleted = about(view.set);
    deleted.reason = "SuccessfulDelete";
    deleted.message = "Deleted pod: " + pod->meta.name;
    actions.emplace_back(std::move(deleted));
  }
}

bool has_labels(const Pod& pod, const kube::TextMap& labels) {
  return std::ranges::all_of(labels, [&](const auto& label) {
    const auto* value = kube::find(pod.meta.labels, label.first);
    return value != nullptr && *value == label.second;
  });
}

/// Told since when it first failed, whatever it was then.
void write_failure(const ReplicaSetView& view, kube::ReplicaSet::Status& status) {
  const bool known = kube::find_condition(status.conditions, kReplicaFailure) != nullptr;
  if (known == view.failure.has_value()) return;
  if (!view.failure) {
    std::erase_if(status.conditions, [](const auto& c) { return c.type == kReplicaFailure; });
    return;
  }
  kube::Condition condition{std::string(kReplicaFailure), "True",
                            view.failure->creating ? "FailedCreate" : "FailedDelete", view.failure->message};
  condition.transition = view.now;
  status.conditions.push_back(std::move(condition));
}

Record failed(const ReplicaSetView& view) {
  auto record = about(view.set);
  record.warning = true;
  record.reason = view.failure->creating ? "FailedCreate" : "FailedDelete";
  record.message = (view.failure->creating ? "Error creating: " : "Error deleting: ") + view.failure->message;
  return record;
}

kube::ReplicaSet::Status status_of(const ReplicaSetView& view, const std::vector<const Pod*>& pods) {
  auto status = view.set.status;
  status.replicas = static_cast<int>(pods.size());
  status.fully_labeled = status.ready = status.available = 0;
  const auto labels = template_labels(view.set.pod_template);
  for (const auto* pod : pods) {
    status.fully_labeled += has_labels(*pod, labels) ? 1 : 0;
    status.ready += kube::is_ready(*pod) ? 1 : 0;
    status.available += kube::is_available(*pod, view.set.min_ready_seconds, view.now) ? 1 : 0;
  }
  status.observed_generation = view.set.meta.generation;
  write_failure(view, status);
  return status;
}

}  // namespace

Actions reconcile_replica_set(const ReplicaSetView& view) {
  const auto& set = view.set;
  auto selector = kube::LabelSelector::from_json(&set.selector);
  if (!selector || selector->selects_all()) return {};
  Actions actions;
  if (view.failure) actions.emplace_back(failed(view));
  const Claimant claimant{"pods", controller_reference("apps/v1", "ReplicaSet", set.meta), *selector,
                          set.meta.deleted.has_value()};
  std::vector<const Pod*> pods;
  for (const auto* pod : view.pods)
    if (!kube::is_finished(*pod) && claim(claimant, pod->meta, true, actions) && !pod->meta.deleted)
      pods.push_back(pod);

  if (!set.meta.deleted) {
    const auto there = pods.size(), wanted = static_cast<std::size_t>(std::max(set.replicas, 0));
    if (there < wanted) create_pods(set, std::min(wanted - there, kReplicaBurst), actions);
    if (there > wanted) delete_pods(view, pods, std::min(there - wanted, kReplicaBurst), actions);
  }
  if (const auto status = status_of(view, pods); status != set.status) {
    auto merge = patch_of(set.meta);
    merge["status"] = kube::to_json(status);
    actions.emplace_back(
        Patch{"replicasets.apps", set.meta.namespace_, set.meta.name, "status", std::move(merge)});
  }
  return actions;
}

}  // namespace podwire::control
