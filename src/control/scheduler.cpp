#include "control/scheduler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace podwire::control {

namespace {

using kube::Node;
using kube::Pod;

kube::Quantity amount_in(const kube::Amounts& amounts, std::string_view name) {
  const auto at = std::ranges::find(amounts, name, &kube::Amounts::value_type::first);
  return at != amounts.end() ? at->second : kube::Quantity();
}

bool selects(const Pod& pod, const Node& node) {
  const bool labelled = std::ranges::all_of(pod.spec.node_selector, [&](const auto& label) {
    const auto* value = kube::find(node.meta.labels, label.first);
    return value != nullptr && *value == label.second;
  });
  return labelled && (!pod.spec.node_affinity ||
                      kube::matches(*pod.spec.node_affinity, node.meta.name, node.meta.labels));
}

const kube::Taint* repelling_taint(const Pod& pod, const Node& node) {
  for (const auto& taint : node.taints)
    if (taint.effect != "PreferNoSchedule" && !kube::tolerates(pod.spec.tolerations, taint)) return &taint;
  return nullptr;
}

bool is_cordoned(const Pod& pod, const Node& node) {
  return node.unschedulable &&
         !kube::tolerates(pod.spec.tolerations, {"node.kubernetes.io/unschedulable", "", "NoSchedule", {}});
}

/// Every resource that is short is named.
std::vector<std::string> shortages(const kube::Amounts& needs, const Node& node, const NodeLoad& load) {
  std::vector<std::string> reasons;
  if (kube::Quantity::of(load.pods() + 1) > amount_in(node.allocatable, "pods"))
    reasons.emplace_back("Too many pods");
  for (const auto& [name, amount] : needs)
    if (amount > kube::Quantity() &&
        amount_in(load.requested(), name) + amount > amount_in(node.allocatable, name))
      reasons.push_back("Insufficient " + name);
  return reasons;
}

/// Why the pod cannot run there; empty: it can. The first filter that objects is the one that is told.
std::vector<std::string> objections(const Pod& pod, const kube::Amounts& needs, const Node& node,
                                    const NodeLoad& load) {
  if (is_cordoned(pod, node)) return {"node(s) were unschedulable"};
  if (const auto* taint = repelling_taint(pod, node))
    return {fmt::format("node(s) had untolerated taint {{{}: {}}}", taint->key, taint->value)};
  if (!selects(pod, node)) return {"node(s) didn't match Pod's node affinity/selector"};
  for (const auto& container : pod.spec.containers)
    for (const auto& port : container.ports)
      if (port.host_port != 0 && load.has_port(port))
        return {"node(s) didn't have free ports for the requested pod ports"};
  return shortages(needs, node, load);
}

/// The share of a resource that would be left, 0 to 100.
std::int64_t left_over(std::string_view name, const kube::Amounts& needs, const Node& node,
                       const NodeLoad& load) {
  const auto has = amount_in(node.allocatable, name).milli_value();
  const auto taken = (amount_in(load.requested(), name) + amount_in(needs, name)).milli_value();
  return has <= 0 || taken >= has ? 0
                                  : static_cast<std::int64_t>(static_cast<__int128>(has - taken) * 100 / has);
}

struct Score {
  std::int64_t repulsion = 0;  ///< PreferNoSchedule taints
  std::int64_t siblings = 0;   ///< pods of the same owner
  std::int64_t fullness = 0;
  int pods = 0;
  std::string name;
  friend auto operator<=>(const Score&, const Score&) = default;
};

Score score_of(const Pod& pod, const kube::Amounts& needs, const Node& node, const NodeLoad& load) {
  const auto repulsion = std::ranges::count_if(node.taints, [&](const kube::Taint& taint) {
    return taint.effect == "PreferNoSchedule" && !kube::tolerates(pod.spec.tolerations, taint);
  });
  const auto* owner = kube::controller_of(pod.meta);
  return {.repulsion = repulsion,
          .siblings = owner != nullptr ? load.of_owner(owner->uid) : 0,
          .fullness = 200 - left_over("cpu", needs, node, load) - left_over("memory", needs, node, load),
          .pods = load.pods(),
          .name = node.meta.name};
}

std::string sentence(std::size_t nodes, const std::map<std::string, int>& reasons) {
  if (nodes == 0) return "no nodes available to schedule pods";
  std::vector<std::string> counted;
  counted.reserve(reasons.size());
  for (const auto& [reason, count] : reasons) counted.push_back(fmt::format("{} {}", count, reason));
  std::ranges::sort(counted);
  return fmt::format("0/{} nodes are available: {}.", nodes, fmt::join(counted, ", "));
}

}  // namespace

Placement place_pod(const Pod& pod, const SchedulerView& view) {
  static const NodeLoad kEmpty;
  const auto needs = kube::requests_of(pod.spec);
  std::optional<Score> best;
  std::map<std::string, int> reasons;
  for (const auto* node : view.nodes) {
    const auto at = view.load.find(node->meta.name);
    const auto& load = at != view.load.end() ? at->second : kEmpty;
    const auto against = objections(pod, needs, *node, load);
    for (const auto& reason : against) ++reasons[reason];
    if (!against.empty()) continue;
    auto score = score_of(pod, needs, *node, load);
    if (!best || score < *best) best = std::move(score);
  }
  if (best) return {.node = best->name, .why_not = ""};
  return {.node = "", .why_not = sentence(view.nodes.size(), reasons)};
}

bool awaits_node(const Pod& pod) {
  return pod.spec.node_name.empty() && pod.spec.scheduler_name == kScheduler && kube::is_active(pod) &&
         pod.spec.scheduling_gates == 0;
}

namespace {

Actions bind(const Pod& pod, const std::string& node) {
  json::object binding{
      {"apiVersion", "v1"},
      {"kind", "Binding"},
      {"metadata", {{"name", pod.meta.name}, {"namespace", pod.meta.namespace_}, {"uid", pod.meta.uid}}},
      {"target", {{"apiVersion", "v1"}, {"kind", "Node"}, {"name", node}}}};
  auto record = record_about("v1", "Pod", pod.meta);
  record.reason = "Scheduled";
  record.message = fmt::format("Successfully assigned {}/{} to {}", pod.meta.namespace_, pod.meta.name, node);
  return {
      Create{"pods", pod.meta.namespace_, std::move(binding), pod.meta.name, "binding", std::move(record)}};
}

Actions report(const Pod& pod, const std::string& why, kube::Time now) {
  const auto* old = kube::find_condition(pod.status.conditions, "PodScheduled");
  if (old != nullptr && old->status == "False" && old->message == why) return {};
  auto conditions = pod.status.conditions;
  std::erase_if(conditions, [](const auto& c) { return c.type == "PodScheduled"; });
  const auto since = old != nullptr && old->status == "False" ? old->transition : std::optional(now);
  conditions.push_back({"PodScheduled", "False", "Unschedulable", why, {}, {}, since});
  auto merge = patch_of(pod.meta);
  merge["status"] = {{"conditions", kube::to_json(conditions)}};
  auto record = record_about("v1", "Pod", pod.meta);
  record.warning = true;
  record.reason = "FailedScheduling";
  record.message = why;
  return {Patch{"pods", pod.meta.namespace_, pod.meta.name, "status", std::move(merge)}, std::move(record)};
}

}  // namespace

Actions act_on(const Pod& pod, const Placement& placement, kube::Time now) {
  return placement.node.empty() ? report(pod, placement.why_not, now) : bind(pod, placement.node);
}

Actions schedule(const Pod& pod, const SchedulerView& view, kube::Time now) {
  if (!awaits_node(pod)) return {};
  return act_on(pod, place_pod(pod, view), now);
}

}  // namespace podwire::control
