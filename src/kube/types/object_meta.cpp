#include "kube/types/object_meta.h"

#include <algorithm>

namespace podwire::kube {

void read(const Place& place, OwnerReference& into) {
  place.field("apiVersion", into.api_version);
  place.field("kind", into.kind);
  place.field("name", into.name);
  place.field("uid", into.uid);
  place.field("controller", into.controller);
  place.field("blockOwnerDeletion", into.block_owner_deletion);
}

void read(const Place& place, ObjectMeta& into) {
  place.field("name", into.name);
  place.field("namespace", into.namespace_);
  place.field("generateName", into.generate_name);
  place.field("uid", into.uid);
  place.field("resourceVersion", into.resource_version);
  place.field("generation", into.generation);
  place.field("labels", into.labels);
  place.field("annotations", into.annotations);
  place.field("ownerReferences", into.owners);
  place.field("finalizers", into.finalizers);
  place.field("creationTimestamp", into.created);
  place.field("deletionTimestamp", into.deleted);
}

void read(const Place& place, Condition& into) {
  place.field("type", into.type);
  place.field("status", into.status);
  place.field("reason", into.reason);
  place.field("message", into.message);
  place.field("lastHeartbeatTime", into.heartbeat);
  place.field("lastUpdateTime", into.updated);
  place.field("lastTransitionTime", into.transition);
}

json::object to_json(const OwnerReference& owner) {
  json::object out{
      {"apiVersion", owner.api_version}, {"kind", owner.kind}, {"name", owner.name}, {"uid", owner.uid}};
  if (owner.controller) out["controller"] = true;
  if (owner.block_owner_deletion) out["blockOwnerDeletion"] = true;
  return out;
}

json::object to_json(const ObjectMeta& meta) {
  json::object out;
  const auto text = [&out](std::string_view key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  text("name", meta.name);
  text("namespace", meta.namespace_);
  text("generateName", meta.generate_name);
  text("uid", meta.uid);
  text("resourceVersion", meta.resource_version);
  if (meta.generation != 0) out["generation"] = meta.generation;
  if (!meta.labels.empty()) out["labels"] = to_json(meta.labels);
  if (!meta.annotations.empty()) out["annotations"] = to_json(meta.annotations);
  if (!meta.owners.empty()) {
    auto& owners = out["ownerReferences"].emplace_array();
    for (const auto& owner : meta.owners) owners.emplace_back(to_json(owner));
  }
  if (!meta.finalizers.empty()) {
    auto& finalizers = out["finalizers"].emplace_array();
    for (const auto& finalizer : meta.finalizers) finalizers.emplace_back(finalizer);
  }
  if (meta.created != Time()) out["creationTimestamp"] = time_text(meta.created);
  if (meta.deleted) out["deletionTimestamp"] = time_text(*meta.deleted);
  return out;
}

json::object to_json(const Condition& condition) {
  json::object out{{"type", condition.type}, {"status", condition.status}};
  if (condition.heartbeat) out["lastHeartbeatTime"] = time_text(*condition.heartbeat);
  if (condition.updated) out["lastUpdateTime"] = time_text(*condition.updated);
  if (condition.transition) out["lastTransitionTime"] = time_text(*condition.transition);
  if (!condition.reason.empty()) out["reason"] = condition.reason;
  if (!condition.message.empty()) out["message"] = condition.message;
  return out;
}

json::array to_json(const std::vector<Condition>& conditions) {
  json::array out;
  for (const auto& condition : conditions) out.emplace_back(to_json(condition));
  return out;
}

const OwnerReference* controller_of(const ObjectMeta& meta) {
  const auto at = std::ranges::find_if(meta.owners, &OwnerReference::controller);
  return at != meta.owners.end() ? &*at : nullptr;
}

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) {
  const auto at = std::ranges::find(conditions, type, &Condition::type);
  return at != conditions.end() ? &*at : nullptr;
}

bool is_true(const std::vector<Condition>& conditions, std::string_view type) {
  const auto* condition = find_condition(conditions, type);
  return condition != nullptr && condition->status == "True";
}

}  // namespace podwire::kube
