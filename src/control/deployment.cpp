#include "control/deployment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "control/deployment_status.h"
#include "control/ownership.h"
#include "control/pod_template.h"
#include "control/rollout.h"

namespace podwire::control {

namespace {

using kube::ReplicaSet;

constexpr int kHistoryLimit = 10;

std::int64_t revision_of(const kube::ObjectMeta& meta) {
  const auto text = kube::text_of(meta.annotations, kRevisionAnnotation);
  std::int64_t revision = 0;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  return revision;
}

/// Annotations of the Deployment that are about itself; all others go to its ReplicaSets.
bool is_own_annotation(std::string_view name) {
  return name == "kubectl.kubernetes.io/last-applied-configuration" || name == kRevisionAnnotation ||
         name == kRevisionHistoryAnnotation || name == kDesiredAnnotation || name == kMaxAnnotation ||
         name == "deprecated.deployment.rollback.to";
}

bool older(const ReplicaSet* a, const ReplicaSet* b) {
  return std::tie(a->meta.created, a->meta.name) < std::tie(b->meta.created, b->meta.name);
}

class Rollout {
 public:
  explicit Rollout(const DeploymentView& view) : view_(view), d_(view.deployment) {}

  Actions step() {
    auto selector = kube::LabelSelector::from_json(&d_.selector);
    if (!selector || selector->selects_all()) return {};
    collect(*selector);
    if (!d_.meta.deleted) {
      if (d_.paused || is_scaled()) {
        scale_proportionally(shares_, d_);
      } else {
        roll_out();
      }
      write_sets();
      write_revision();
    }
    write_status();
    return std::move(actions_);
  }

 private:
  void collect(const kube::LabelSelector& selector) {
    const Claimant claimant{"replicasets.apps", controller_reference("apps/v1", "Deployment", d_.meta),
                            selector, d_.meta.deleted.has_value()};
    for (const auto* set : view_.sets)
      if (claim(claimant, set->meta, true, actions_)) report_.all.push_back(set);
    std::ranges::sort(report_.all, older);
    const auto wanted = without_hash(d_.pod_template, kTemplateHashLabel);
    for (const auto* set : report_.all)
      if (report_.current == nullptr && without_hash(set->pod_template, kTemplateHashLabel) == wanted)
        report_.current = set;
    for (const auto* set : report_.all)
      shares_.push_back({set, set == report_.current, set->replicas, set->status.available});
    std::int64_t newest = 0;
    for (const auto* set : report_.all)
      if (set != report_.current) newest = std::max(newest, revision_of(set->meta));
    revision_ = newest + 1;
    if (report_.current != nullptr) revision_ = std::max(revision_, revision_of(report_.current->meta));
  }

  /// The number was changed since the sets were last given their replicas.
  [[nodiscard]] bool is_scaled() const {
    return std::ranges::any_of(report_.all, [&](const ReplicaSet* set) {
      const auto desired = kube::text_of(set->meta.annotations, kDesiredAnnotation);
      return set->replicas > 0 && !desired.empty() && desired != std::to_string(d_.replicas);
    });
  }

  void roll_out() {
    const auto before = shares_;
    if (d_.recreate) {
      bool running = false;
      for (auto& share : shares_)
        if (!share.current) running = running || share.replicas > 0, share.replicas = 0;
      if (running || has_old_pods()) return;
      if (report_.current == nullptr) shares_.push_back({nullptr, true, 0, 0});
      for (auto& share : shares_)
        if (share.current) share.replicas = d_.replicas;
    } else {
      if (report_.current == nullptr) shares_.push_back({nullptr, true, 0, 0});
      roll(shares_, d_.replicas, limits_of(d_));
    }
    if (is_complete(d_, d_.status)) forget_old();
  }

  [[nodiscard]] bool has_old_pods() const {
    return std::ranges::any_of(view_.pods, [&](const kube::Pod* pod) {
      const auto* owner = kube::controller_of(pod->meta);
      if (owner == nullptr || kube::is_finished(*pod)) return false;
      if (report_.current != nullptr && owner->uid == report_.current->meta.uid) return false;
      return std::ranges::any_of(report_.all, [&](const ReplicaSet* s) { return s->meta.uid == owner->uid; });
    });
  }

  void forget_old() {
    std::vector<const ReplicaSet*> old;
    for (const auto* set : report_.all)
      if (set != report_.current && !set->meta.deleted && set->replicas == 0 && set->status.replicas == 0 &&
          set->status.observed_generation >= set->meta.generation)
        old.push_back(set);
    const auto limit =
        static_cast<std::size_t>(std::max(0, d_.revision_history_limit.value_or(kHistoryLimit)));
    if (old.size() <= limit) return;
    std::ranges::sort(old, {}, [](const ReplicaSet* set) {
      return std::pair(revision_of(set->meta), std::string_view(set->meta.name));
    });
    old.resize(old.size() - limit);
    for (const auto* set : old) {
      actions_.emplace_back(
          Delete{"replicasets.apps", set->meta.namespace_, set->meta.name, set->meta.uid, {}});
      std::erase_if(shares_, [set](const Share& share) { return share.set == set; });
    }
  }

  [[nodiscard]] kube::TextMap annotations_of(const Share& share) const {
    kube::TextMap annotations;
    const auto limits = limits_of(d_);
    if (share.current) {
      for (const auto& [name, value] : d_.meta.annotations)
        if (!is_own_annotation(name)) kube::set(annotations, name, value);
      kube::set(annotations, kRevisionAnnotation, std::to_string(revision_));
      if (share.set != nullptr) {
        const auto history = kube::text_of(share.set->meta.annotations, kRevisionHistoryAnnotation);
        const auto before = revision_of(share.set->meta);
        if (before != 0 && before != revision_)
          kube::set(annotations, kRevisionHistoryAnnotation,
                    history.empty() ? std::to_string(before) : fmt::format("{},{}", history, before));
      }
    }
    kube::set(annotations, kDesiredAnnotation, std::to_string(d_.replicas));
    kube::set(annotations, kMaxAnnotation, std::to_string(d_.replicas + limits.surge));
    return annotations;
  }

  void write_sets() {
    for (const auto& share : shares_) {
      if (share.set == nullptr) {
        create_set(share);
      } else {
        update_set(share);
      }
    }
  }

  void create_set(const Share& share) {
    auto pod_template = without_hash(d_.pod_template, kTemplateHashLabel);
    const int collisions = d_.status.collision_count.value_or(0);
    const auto hash = template_hash(pod_template, collisions);
    ReplicaSet set;
    set.meta.name = d_.meta.name + "-" + hash;
    set.meta.namespace_ = d_.meta.namespace_;
    const auto taken =
        std::ranges::any_of(view_.sets, [&](const auto* s) { return s->meta.name == set.meta.name; });
    if (taken) {  // by another template: the next look takes another hash
      report_.collision_count = collisions + 1;
      return;
    }
    set.meta.labels = template_labels(pod_template);
    kube::set(set.meta.labels, kTemplateHashLabel, hash);
    set.meta.annotations = annotations_of(share);
    set.meta.owners = {controller_reference("apps/v1", "Deployment", d_.meta)};
    set.replicas = share.replicas;
    set.min_ready_seconds = d_.min_ready_seconds;
    set.selector = d_.selector;
    kube::object_at(set.selector, "matchLabels")[kTemplateHashLabel] = hash;
    kube::object_at(kube::object_at(pod_template, "metadata"), "labels")[kTemplateHashLabel] = hash;
    set.pod_template = std::move(pod_template);
    report_.created = set.meta.name;
    std::optional<Record> scaled;
    if (share.replicas > 0) scaled = scaled_event(set.meta.name, 0, share.replicas);
    actions_.emplace_back(
        Create{"replicasets.apps", d_.meta.namespace_, kube::to_json(set), "", "", std::move(scaled)});
  }

  void update_set(const Share& share) {
    const auto& set = *share.set;
    auto merge = patch_of(set.meta);
    bool changed = false;
    if (share.replicas > 0 || share.current || set.replicas > 0) {
      for (const auto& [name, value] : annotations_of(share)) {
        const auto* have = kube::find(set.meta.annotations, name);
        if (have != nullptr && *have == value) continue;
        kube::object_at(merge["metadata"].get_object(), "annotations")[name] = value;
        changed = true;
      }
    }
    if (share.replicas != set.replicas) kube::object_at(merge, "spec")["replicas"] = share.replicas;
    if (share.current && set.min_ready_seconds != d_.min_ready_seconds)
      kube::object_at(merge, "spec")["minReadySeconds"] = d_.min_ready_seconds;
    if (!changed && !merge.contains("spec")) return;
    actions_.emplace_back(
        Patch{"replicasets.apps", set.meta.namespace_, set.meta.name, "", std::move(merge)});
    if (share.replicas != set.replicas)
      actions_.emplace_back(scaled_event(set.meta.name, set.replicas, share.replicas));
  }

  [[nodiscard]] Record scaled_event(const std::string& set, int from, int to) const {
    auto record = record_about("apps/v1", "Deployment", d_.meta);
    record.reason = "ScalingReplicaSet";
    record.message =
        fmt::format("Scaled {} replica set {} from {} to {}", to > from ? "up" : "down", set, from, to);
    return record;
  }

  /// kubectl's rollout history and undo read the revision from here.
  void write_revision() {
    if (report_.current == nullptr && report_.created.empty()) return;
    const auto text = std::to_string(revision_);
    if (kube::text_of(d_.meta.annotations, kRevisionAnnotation) == text) return;
    json::object merge{{"metadata", {{"annotations", {{kRevisionAnnotation, text}}}}}};
    actions_.emplace_back(Patch{"deployments.apps", d_.meta.namespace_, d_.meta.name, "", std::move(merge)});
  }

  void write_status() {
    const auto status = status_of(view_, report_);
    if (status == d_.status) return;
    json::object merge{{"metadata", {{"uid", d_.meta.uid}}}, {"status", kube::to_json(status)}};
    actions_.emplace_back(
        Patch{"deployments.apps", d_.meta.namespace_, d_.meta.name, "status", std::move(merge)});
  }

  const DeploymentView& view_;
  const kube::Deployment& d_;
  RolloutReport report_;
  std::vector<Share> shares_;
  std::int64_t revision_ = 1;
  Actions actions_;
};

}  // namespace

Actions reconcile_deployment(const DeploymentView& view) { return Rollout(view).step(); }

}  // namespace podwire::control
