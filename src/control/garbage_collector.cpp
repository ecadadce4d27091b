#include "control/garbage_collector.h"

#include <algorithm>
#include <utility>

namespace podwire::control {

namespace {

bool has_finalizer(const kube::ObjectMeta& meta, std::string_view name) {
  return std::ranges::find(meta.finalizers, name) != meta.finalizers.end();
}

Patch without_finalizer(const std::string& resource, const kube::ObjectMeta& meta, std::string_view name) {
  auto merge = patch_of(meta);
  auto& left = merge["metadata"].get_object()["finalizers"].emplace_array();
  for (const auto& finalizer : meta.finalizers)
    if (finalizer != name) left.emplace_back(finalizer);
  return {resource, meta.namespace_, meta.name, "", std::move(merge)};
}

template <class Keep>
Patch with_owners(const std::string& resource, const kube::ObjectMeta& meta, Keep keep) {
  auto merge = patch_of(meta);
  auto& left = merge["metadata"].get_object()["ownerReferences"].emplace_array();
  for (const auto& owner : meta.owners)
    if (keep(owner)) left.emplace_back(kube::to_json(owner));
  return {resource, meta.namespace_, meta.name, "", std::move(merge)};
}

}  // namespace

void GarbageCollector::observe(const std::string& resource, const MetaPtr& meta) {
  const auto& uid = meta->uid;
  auto& node = nodes_[uid];
  gone_.erase(uid);
  questions_.erase(uid);
  if (node.meta)
    for (const auto& owner : node.meta->owners)
      changed_.insert(owner.uid);  // it may have waited for this one
  const bool starts_to_go = meta->deleted && !(node.meta && node.meta->deleted);
  if (!node.meta || node.meta->owners != meta->owners) {
    // Else what is known of them, that one is gone, stays known.
    if (node.meta) unlink(node);
    for (const auto& owner : meta->owners) dependents_of_[owner.uid].insert(uid);
  }
  node = {resource, meta};
  changed_.insert(uid);
  if (starts_to_go) mark_dependents(uid);
}

void GarbageCollector::forget(const std::string& uid) {
  questions_.erase(uid);
  if (const auto at = nodes_.find(uid); at != nodes_.end()) {
    unlink(at->second);
    for (const auto& owner : at->second.meta->owners) changed_.insert(owner.uid);
    nodes_.erase(at);
    changed_.erase(uid);
  }
  if (dependents_of_.contains(uid)) gone_.insert(uid);
  mark_dependents(uid);
}

std::vector<GarbageCollector::Question> GarbageCollector::take_questions() {
  std::vector<Question> asked;
  for (auto& [uid, question] : std::exchange(questions_, {})) asked.push_back(std::move(question));
  return asked;
}

Actions GarbageCollector::decide() {
  Actions actions;
  for (const auto& uid : std::exchange(changed_, {}))
    if (const auto at = nodes_.find(uid); at != nodes_.end()) decide_about(at->second, actions);
  return actions;
}

void GarbageCollector::unlink(const Node& node) {
  for (const auto& owner : node.meta->owners) {
    const auto at = dependents_of_.find(owner.uid);
    if (at == dependents_of_.end()) continue;
    at->second.erase(node.meta->uid);
    if (!at->second.empty()) continue;
    dependents_of_.erase(at);
    gone_.erase(owner.uid);
  }
}

void GarbageCollector::mark_dependents(const std::string& uid) {
  if (const auto at = dependents_of_.find(uid); at != dependents_of_.end())
    changed_.insert(at->second.begin(), at->second.end());
}

bool GarbageCollector::is_foreground(const std::string& uid) const {
  const auto at = nodes_.find(uid);
  return at != nodes_.end() && at->second.meta->deleted &&
         has_finalizer(*at->second.meta, kForegroundFinalizer);
}

bool GarbageCollector::blocks(const Node& dependent, const std::string& owner) const {
  return std::ranges::any_of(dependent.meta->owners, [&](const kube::OwnerReference& reference) {
    return reference.uid == owner && reference.block_owner_deletion;
  });
}

void GarbageCollector::decide_about(const Node& node, Actions& actions) {
  if (node.meta->deleted) return finish_owner(node, actions);
  if (!node.meta->owners.empty()) drop_owners(node, actions);
}

/// The owner's own deletion waits for what is done to its dependents.
void GarbageCollector::finish_owner(const Node& node, Actions& actions) {
  if (has_finalizer(*node.meta, kOrphanFinalizer)) return orphan_dependents(node, actions);
  if (!has_finalizer(*node.meta, kForegroundFinalizer)) return;
  if (const auto at = dependents_of_.find(node.meta->uid); at != dependents_of_.end())
    for (const auto& uid : at->second)
      if (blocks(nodes_.at(uid), node.meta->uid)) return;
  actions.emplace_back(without_finalizer(node.resource, *node.meta, kForegroundFinalizer));
}

void GarbageCollector::orphan_dependents(const Node& owner, Actions& actions) {
  const auto at = dependents_of_.find(owner.meta->uid);
  if (at == dependents_of_.end()) {
    actions.emplace_back(without_finalizer(owner.resource, *owner.meta, kOrphanFinalizer));
    return;
  }
  for (const auto& uid : at->second) {
    const auto& node = nodes_.at(uid);
    actions.emplace_back(with_owners(
        node.resource, *node.meta, [&](const auto& reference) { return reference.uid != owner.meta->uid; }));
  }
}

/// A dependent goes when no owner keeps it; with one that does, the references to the others go.
void GarbageCollector::drop_owners(const Node& node, Actions& actions) {
  bool kept = false, gone = false, foreground = false;
  const auto keeps = [&](const kube::OwnerReference& owner) {
    return !gone_.contains(owner.uid) && !is_foreground(owner.uid);
  };
  for (const auto& owner : node.meta->owners) {
    if (!nodes_.contains(owner.uid) && !gone_.contains(owner.uid))
      questions_.try_emplace(owner.uid, owner, node.meta->namespace_);
    foreground = foreground || is_foreground(owner.uid);
    (keeps(owner) ? kept : gone) = true;
  }
  if (!gone) return;
  if (kept) {
    actions.emplace_back(with_owners(node.resource, *node.meta, keeps));
    return;
  }
  Delete deletion{node.resource, node.meta->namespace_, node.meta->name, node.meta->uid, {}};
  const auto at = dependents_of_.find(node.meta->uid);
  if (foreground && at != dependents_of_.end()) deletion.propagation = "Foreground";
  actions.emplace_back(std::move(deletion));
}

}  // namespace podwire::control
