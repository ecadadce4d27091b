#include "control/daemon_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "control/ownership.h"
#include "control/pod_template.h"

namespace podwire::control {

namespace {

using kube::Node;
using kube::Pod;

constexpr std::string_view kRevisionLabel = "controller-revision-hash";

/// A daemon belongs to its node whatever state that is in.
std::vector<kube::Toleration> daemon_tolerations(bool host_network) {
  const auto tolerate = [](std::string key, std::string effect) {
    return kube::Toleration{"node.kubernetes.io/" + std::move(key), "Exists", "", std::move(effect), {}};
  };
  std::vector<kube::Toleration> tolerations{
      tolerate("not-ready", "NoExecute"),      tolerate("unreachable", "NoExecute"),
      tolerate("disk-pressure", "NoSchedule"), tolerate("memory-pressure", "NoSchedule"),
      tolerate("pid-pressure", "NoSchedule"),  tolerate("unschedulable", "NoSchedule")};
  if (host_network) tolerations.push_back(tolerate("network-unavailable", "NoSchedule"));
  return tolerations;
}

kube::PodSpec spec_of(const json::object& pod_template) {
  const auto* spec = pod_template.if_contains("spec");
  auto typed = spec != nullptr ? kube::typed_from<kube::PodSpec>(*spec) : kube::PodSpec();
  auto out = typed.value_or(kube::PodSpec());
  for (auto& toleration : daemon_tolerations(out.host_network))
    out.tolerations.push_back(std::move(toleration));
  return out;
}

struct Fit {
  bool run = false;   ///< a pod should be there
  bool stay = false;  ///< one that is there may stay
};

Fit fit_of(const kube::PodSpec& spec, const Node& node) {
  if (!spec.node_name.empty() && spec.node_name != node.meta.name) return {};
  for (const auto& [name, value] : spec.node_selector) {
    const auto* have = kube::find(node.meta.labels, name);
    if (have == nullptr || *have != value) return {};
  }
  if (spec.node_affinity && !kube::matches(*spec.node_affinity, node.meta.name, node.meta.labels)) return {};
  Fit fit{.run = true, .stay = true};
  for (const auto& taint : node.taints) {
    if (taint.effect == "PreferNoSchedule" || kube::tolerates(spec.tolerations, taint)) continue;
    fit.run = false;
    if (taint.effect == "NoExecute") fit.stay = false;
  }
  return fit;
}

/// Terms that keep the pod on the node, in place of those on the name that the template may have.
void pin(json::object& pod, const std::string& node) {
  auto& spec = kube::object_at(pod, "spec");
  auto& affinity = kube::object_at(kube::object_at(spec, "affinity"), "nodeAffinity");
  auto& required = kube::object_at(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
  const json::array fields{{{"key", "metadata.name"}, {"operator", "In"}, {"values", {node}}}};
  auto& terms = required["nodeSelectorTerms"];
  if (!terms.is_array() || terms.get_array().empty()) {
    terms = json::array{json::object{{"matchFields", fields}}};
    return;
  }
  for (auto& term : terms.get_array())
    if (auto* object = term.if_object()) (*object)["matchFields"] = fields;
}

class Daemons {
 public:
  explicit Daemons(const DaemonSetView& view)
      : view_(view),
        set_(view.set),
        spec_(spec_of(set_.pod_template)),
        hash_(template_hash(set_.pod_template, 0)) {}

  Actions reconcile() {
    auto selector = kube::LabelSelector::from_json(&set_.selector);
    if (!selector || selector->selects_all()) return {};
    const Claimant claimant{"pods", controller_reference("apps/v1", "DaemonSet", set_.meta), *selector,
                            set_.meta.deleted.has_value()};
    for (const auto* pod : view_.pods)
      if (claim(claimant, pod->meta, true, actions_)) on_node_[node_of_daemon_pod(*pod)].push_back(pod);
    for (auto& [node, pods] : on_node_)
      std::ranges::sort(pods, {}, [](const Pod* pod) {
        return std::tuple(pod->meta.deleted.has_value(), pod->spec.node_name.empty(), pod->meta.created,
                          std::string_view(pod->meta.name));
      });
    std::vector<const Node*> nodes(view_.nodes.begin(), view_.nodes.end());
    std::ranges::sort(nodes, {}, [](const Node* node) -> const std::string& { return node->meta.name; });
    if (!set_.meta.deleted)
      for (const auto* node : nodes) place(*node);
    if (!set_.meta.deleted && !set_.on_delete) replace_old(nodes);
    write_status(nodes);
    return std::move(actions_);
  }

 private:
  void place(const Node& node) {
    const auto fit = fit_of(spec_, node);
    bool there = false;
    for (const auto* pod : on_node_[node.meta.name]) {
      const bool ending = pod->meta.deleted.has_value();
      const bool surplus = kube::is_finished(*pod) || !fit.stay || there;
      if (!ending && surplus) remove(*pod);
      // Two must not run on one node, be it only while one ends.
      there = there || ending || !surplus || kube::is_finished(*pod);
    }
    if (fit.run && !there) create(node);
  }

  void replace_old(const std::vector<const Node*>& nodes) {
    std::vector<const Pod*> old;
    int missing = 0, wanted = 0;
    for (const auto* node : nodes) {
      if (!fit_of(spec_, *node).run) continue;
      ++wanted;
      const auto* pod = first_on(*node);
      const bool available = pod != nullptr && kube::is_available(*pod, set_.min_ready_seconds, view_.now);
      if (!available) ++missing;
      if (pod == nullptr || is_new(*pod)) continue;
      if (available) {
        old.push_back(pod);
      } else if (!kube::is_finished(*pod)) {
        remove(*pod);  // it serves nobody: nothing is lost
      }
    }
    const int most = std::max(1, set_.max_unavailable.of(wanted, true));
    for (const auto* pod : old)
      if (missing < most) remove(*pod), ++missing;
  }

  /// The pod that counts for the node: one that is not ending.
  const Pod* first_on(const Node& node) const {
    const auto at = on_node_.find(node.meta.name);
    if (at == on_node_.end() || at->second.empty() || at->second.front()->meta.deleted) return nullptr;
    return at->second.front();
  }

  [[nodiscard]] bool is_new(const Pod& pod) const {
    return kube::text_of(pod.meta.labels, kRevisionLabel) == hash_;
  }

  Record about(std::string reason, std::string message) const {
    auto record = record_about("apps/v1", "DaemonSet", set_.meta);
    record.reason = std::move(reason);
    record.message = std::move(message);
    return record;
  }

  void remove(const Pod& pod) {
    if (std::ranges::find(removed_, &pod) != removed_.end()) return;
    removed_.push_back(&pod);
    actions_.emplace_back(Delete{"pods", pod.meta.namespace_, pod.meta.name, pod.meta.uid, {}});
    actions_.emplace_back(about("SuccessfulDelete", "Deleted pod: " + pod.meta.name));
  }

  void create(const Node& node) {
    auto pod = pod_of(set_.pod_template, set_.meta, controller_reference("apps/v1", "DaemonSet", set_.meta));
    kube::object_at(kube::object_at(pod, "metadata"), "labels")[kRevisionLabel] = hash_;
    pin(pod, node.meta.name);
    auto& tolerations = kube::object_at(pod, "spec")["tolerations"].emplace_array();
    for (const auto& toleration : spec_.tolerations) tolerations.emplace_back(kube::to_json(toleration));
    actions_.emplace_back(Create{"pods", set_.meta.namespace_, std::move(pod), "", "",
                                 about("SuccessfulCreate", "Created pod: {}")});
  }

  void write_status(const std::vector<const Node*>& nodes) {
    kube::DaemonSet::Status status;
    for (const auto* node : nodes) {
      const bool wanted = fit_of(spec_, *node).run;
      const auto* pod = first_on(*node);
      if (wanted) ++status.desired;
      if (pod == nullptr) continue;
      if (!wanted) {
        ++status.misscheduled;
        continue;
      }
      ++status.current;
      if (kube::is_ready(*pod)) ++status.ready;
      if (kube::is_available(*pod, set_.min_ready_seconds, view_.now)) ++status.available;
      if (is_new(*pod)) ++status.updated;
    }
    status.unavailable = status.desired - status.available;
    status.observed_generation = set_.meta.generation;
    if (status == set_.status) return;
    auto merge = patch_of(set_.meta);
    merge["status"] = kube::to_json(status);
    actions_.emplace_back(
        Patch{"daemonsets.apps", set_.meta.namespace_, set_.meta.name, "status", std::move(merge)});
  }

  const DaemonSetView& view_;
  const kube::DaemonSet& set_;
  kube::PodSpec spec_;
  std::string hash_;
  std::map<std::string, std::vector<const Pod*>> on_node_;
  std::vector<const Pod*> removed_;
  Actions actions_;
};

}  // namespace

std::string node_of_daemon_pod(const Pod& pod) {
  if (!pod.spec.node_name.empty() || !pod.spec.node_affinity) return pod.spec.node_name;
  for (const auto& term : *pod.spec.node_affinity)
    for (const auto& field : term.fields)
      if (field.key == "metadata.name" && field.op == "In" && field.values.size() == 1)
        return field.values.front();
  return "";
}

Actions reconcile_daemon_set(const DaemonSetView& view) { return Daemons(view).reconcile(); }

}  // namespace podwire::control
