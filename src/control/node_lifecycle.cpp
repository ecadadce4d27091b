#include "control/node_lifecycle.h"

#include <fmt/format.h>

#include <algorithm>

namespace podwire::control {

namespace {

using kube::Condition;
using kube::Taint;

constexpr std::string_view kUnreachable = "node.kubernetes.io/unreachable";
constexpr std::string_view kNotReady = "node.kubernetes.io/not-ready";
constexpr std::string_view kUnschedulable = "node.kubernetes.io/unschedulable";

struct Pressure {
  std::string_view condition, taint;
};
constexpr Pressure kPressures[] = {{"MemoryPressure", "node.kubernetes.io/memory-pressure"},
                                   {"DiskPressure", "node.kubernetes.io/disk-pressure"},
                                   {"PIDPressure", "node.kubernetes.io/pid-pressure"},
                                   {"NetworkUnavailable", "node.kubernetes.io/network-unavailable"}};
constexpr std::string_view kHeartbeats[] = {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"};

kube::Time last_sign_of_life(const NodeView& view) {
  auto last = view.node.meta.created;
  if (view.lease != nullptr && view.lease->renewed) last = std::max(last, *view.lease->renewed);
  const auto* ready = kube::find_condition(view.node.conditions, "Ready");
  // What this controller wrote is no sign of life: it keeps the heartbeat as it was.
  if (ready != nullptr && ready->heartbeat) last = std::max(last, *ready->heartbeat);
  return last;
}

bool is_silent(const NodeView& view) { return last_sign_of_life(view) + kNodeGrace < view.now; }

std::vector<Condition> wanted_conditions(const NodeView& view) {
  auto conditions = view.node.conditions;
  if (!is_silent(view)) return conditions;
  for (const auto type : kHeartbeats) {
    auto at = std::ranges::find(conditions, type, &Condition::type);
    if (at == conditions.end()) {
      conditions.push_back({std::string(type),
                            "Unknown",
                            "NodeStatusNeverUpdated",
                            "Kubelet never posted node status.",
                            view.node.meta.created,
                            {},
                            view.now});
    } else if (at->status != "Unknown") {
      at->status = "Unknown";
      at->reason = "NodeStatusUnknown";
      at->message = "Kubelet stopped posting node status.";
      at->transition = view.now;
    }
  }
  return conditions;
}

/// The taints that follow from the node's state, without the times since when.
std::vector<Taint> implied_taints(const kube::Node& node, const std::vector<Condition>& conditions) {
  std::vector<Taint> taints;
  const auto add = [&taints](std::string_view key, std::string_view effect) {
    taints.push_back({std::string(key), "", std::string(effect), {}});
  };
  const auto* ready = kube::find_condition(conditions, "Ready");
  if (ready != nullptr && ready->status != "True") {
    const auto key = ready->status == "Unknown" ? kUnreachable : kNotReady;
    add(key, "NoSchedule");
    add(key, "NoExecute");
  }
  for (const auto& pressure : kPressures)
    if (kube::is_true(conditions, pressure.condition)) add(pressure.taint, "NoSchedule");
  if (node.unschedulable) add(kUnschedulable, "NoSchedule");
  return taints;
}

bool is_ours(const Taint& taint) {
  return taint.key == kUnreachable || taint.key == kNotReady || taint.key == kUnschedulable ||
         std::ranges::any_of(kPressures, [&](const Pressure& p) { return p.taint == taint.key; });
}

bool same_taint(const Taint& a, const Taint& b) { return a.key == b.key && a.effect == b.effect; }

/// Those of users stay; ours keep the time since when they are there. While a node has never said how it is
/// (it is being added), the taints that it was registered with are left alone.
std::vector<Taint> wanted_taints(const NodeView& view, const std::vector<Condition>& conditions) {
  const bool unknown = kube::find_condition(conditions, "Ready") == nullptr;
  auto implied = implied_taints(view.node, conditions);
  std::vector<Taint> taints;
  for (const auto& taint : view.node.taints) {
    const auto at = std::ranges::find_if(implied, [&](const Taint& t) { return same_taint(t, taint); });
    if (at != implied.end()) {
      taints.push_back(taint);
      implied.erase(at);
    } else if (!is_ours(taint) || (unknown && taint.key == kNotReady)) {
      taints.push_back(taint);
    }
  }
  for (auto& taint : implied) {
    taint.added = view.now;
    taints.push_back(std::move(taint));
  }
  return taints;
}

/// When the pod has to leave a node with these taints: nullopt: never.
std::optional<kube::Time> leaves_at(const kube::Pod& pod, const std::vector<Taint>& taints, kube::Time now) {
  std::optional<kube::Time> earliest;
  for (const auto& taint : taints) {
    if (taint.effect != "NoExecute") continue;
    std::optional<std::int64_t> seconds;
    bool tolerated = false, forever = false;
    for (const auto& toleration : pod.spec.tolerations) {
      if (!kube::tolerates(toleration, taint)) continue;
      tolerated = true;
      if (!toleration.seconds) {
        forever = true;
      } else {
        seconds = std::min(seconds.value_or(*toleration.seconds), *toleration.seconds);
      }
    }
    if (tolerated && forever && !seconds) continue;
    const auto at =
        taint.added.value_or(now) + std::chrono::seconds(std::max<std::int64_t>(seconds.value_or(0), 0));
    earliest = earliest ? std::min(*earliest, at) : at;
  }
  return earliest;
}

void write_node(const NodeView& view, const std::vector<Condition>& conditions,
                const std::vector<Taint>& taints, Actions& actions) {
  const auto& meta = view.node.meta;
  if (conditions != view.node.conditions) {
    auto merge = patch_of(meta);
    merge["status"] = {{"conditions", kube::to_json(conditions)}};
    actions.emplace_back(Patch{"nodes", "", meta.name, "status", std::move(merge)});
    auto record = record_about("v1", "Node", meta);
    record.reason = "NodeNotReady";
    record.message = fmt::format("Node {} status is now: NodeNotReady", meta.name);
    if (kube::is_true(view.node.conditions, "Ready")) actions.emplace_back(std::move(record));
    return;  // the taints follow when this is seen
  }
  if (taints == view.node.taints) return;
  auto merge = patch_of(meta);
  auto& list = merge["spec"].emplace_object()["taints"].emplace_array();
  for (const auto& taint : taints) list.emplace_back(kube::to_json(taint));
  actions.emplace_back(Patch{"nodes", "", meta.name, "", std::move(merge)});
}

void evict(const NodeView& view, const std::vector<Taint>& taints, Actions& actions) {
  for (const auto* pod : view.pods) {
    const auto at = leaves_at(*pod, taints, view.now);
    if (pod->meta.deleted || !at || *at > view.now) continue;
    auto record = record_about("v1", "Pod", pod->meta);
    record.reason = "TaintManagerEviction";
    record.message = fmt::format("Marking for deletion Pod {}/{}", pod->meta.namespace_, pod->meta.name);
    actions.emplace_back(std::move(record));
    actions.emplace_back(Delete{"pods", pod->meta.namespace_, pod->meta.name, pod->meta.uid, {}});
  }
}

/// A pod of a node that has fallen silent serves nobody: Services must not send traffic there.
void mark_not_ready(const NodeView& view, const std::vector<Condition>& conditions, Actions& actions) {
  const auto* ready = kube::find_condition(conditions, "Ready");
  if (ready == nullptr || ready->status == "True") return;
  for (const auto* pod : view.pods) {
    if (!kube::is_ready(*pod)) continue;
    auto changed = pod->status.conditions;
    const auto at = std::ranges::find(changed, "Ready", &Condition::type);
    at->status = "False";
    at->transition = view.now;
    auto merge = patch_of(pod->meta);
    merge["status"] = {{"conditions", kube::to_json(changed)}};
    actions.emplace_back(Patch{"pods", pod->meta.namespace_, pod->meta.name, "status", std::move(merge)});
  }
}

}  // namespace

Actions reconcile_node(const NodeView& view) {
  Actions actions;
  const auto conditions = wanted_conditions(view);
  const auto taints = wanted_taints(view, conditions);
  write_node(view, conditions, taints, actions);
  if (is_silent(view)) mark_not_ready(view, conditions, actions);
  evict(view, view.node.taints, actions);
  return actions;
}

std::optional<kube::Time> next_look(const NodeView& view) {
  std::optional<kube::Time> next;
  const auto consider = [&](kube::Time at) {
    if (at > view.now && (!next || at < *next)) next = at;
  };
  consider(last_sign_of_life(view) + kNodeGrace + std::chrono::seconds(1));
  for (const auto* pod : view.pods)
    if (!pod->meta.deleted)
      if (const auto at = leaves_at(*pod, view.node.taints, view.now)) consider(*at);
  return next;
}

}  // namespace podwire::control
