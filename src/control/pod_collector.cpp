#include "control/pod_collector.h"

#include <algorithm>
#include <tuple>

namespace podwire::control {
namespace {

/// Deleted already, and held by somebody's finalizers: when they are gone this is asked again.
bool is_held(const kube::Pod& pod) { return pod.meta.deleted && !pod.meta.finalizers.empty(); }

Delete at_once(const kube::Pod& pod) { return {"pods", pod.meta.namespace_, pod.meta.name, pod.meta.uid, 0}; }

Patch failed(const kube::Pod& pod, kube::Time now) {
  auto conditions = pod.status.conditions;
  std::erase_if(conditions, [](const kube::Condition& c) { return c.type == "DisruptionTarget"; });
  kube::Condition condition{
      "DisruptionTarget", "True", "DeletionByPodGC", "PodGC: node no longer exists", {}, {}, now};
  conditions.push_back(std::move(condition));
  auto merge = patch_of(pod.meta);
  merge["status"] = {{"phase", "Failed"}, {"conditions", kube::to_json(conditions)}};
  return {"pods", pod.meta.namespace_, pod.meta.name, "status", std::move(merge)};
}

}  // namespace

Actions collect_orphans(std::span<const kube::Pod* const> pods, kube::Time now) {
  Actions actions;
  for (const auto* pod : pods) {
    if (is_held(*pod)) continue;
    if (!kube::is_finished(*pod)) actions.emplace_back(failed(*pod, now));
    actions.emplace_back(at_once(*pod));
  }
  return actions;
}

Actions collect_finished(std::vector<const kube::Pod*> finished, std::size_t kept) {
  Actions actions;
  if (finished.size() <= kept) return actions;
  const auto rank = [](const kube::Pod* pod) { return std::tie(pod->meta.created, pod->meta.uid); };
  std::ranges::sort(finished, {}, rank);
  finished.resize(finished.size() - kept);
  for (const auto* pod : finished)
    if (!is_held(*pod)) actions.emplace_back(at_once(*pod));
  return actions;
}

}  // namespace podwire::control
