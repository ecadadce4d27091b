#include "control/pod_template.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <string>

#include "base/hash.h"

namespace podwire::control {

json::object pod_of(const json::object& pod_template, const kube::ObjectMeta& owner,
                    const kube::OwnerReference& reference) {
  json::object metadata{{"generateName", owner.name + "-"}, {"namespace", owner.namespace_}};
  for (const auto* key : {"labels", "annotations", "finalizers"})
    if (const auto* value = kube::in(pod_template, "metadata", key)) metadata[key] = *value;
  metadata["ownerReferences"] = json::array{kube::to_json(reference)};
  json::object pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", std::move(metadata)}};
  if (const auto* spec = kube::object_in(pod_template, "spec")) pod["spec"] = *spec;
  return pod;
}

kube::TextMap template_labels(const json::object& pod_template) {
  kube::TextMap labels;
  if (const auto* map = kube::object_in(pod_template, "metadata", "labels"))
    for (const auto& label : *map)
      if (const auto* text = label.value().if_string()) kube::set(labels, label.key(), *text);
  return labels;
}

namespace {

/// The text of a value with the keys of objects in order; null members count as absent.
void append_canonical(std::string& to, const json::value& value) {
  if (const auto* object = value.if_object()) {
    std::vector<const json::key_value_pair*> members;
    for (const auto& member : *object)
      if (!member.value().is_null()) members.push_back(&member);
    std::ranges::sort(members, {}, [](const auto* m) { return std::string_view(m->key()); });
    to += '{';
    for (const auto* member : members) {
      to += json::serialize(json::string_view(member->key()));
      to += ':';
      append_canonical(to, member->value());
    }
    to += '}';
  } else if (const auto* array = value.if_array()) {
    to += '[';
    for (const auto& element : *array) append_canonical(to, element), to += ',';
    to += ']';
  } else {
    to += json::serialize(value);
  }
}

}  // namespace

std::string template_hash(const json::object& pod_template, int collisions) {
  std::string text;
  append_canonical(text, json::value(pod_template));
  if (collisions > 0) text += std::to_string(collisions);
  return stable_name(text, 10);
}

json::object without_hash(const json::object& pod_template, std::string_view label) {
  json::object plain = pod_template;
  auto* metadata = plain.if_contains("metadata");
  if (metadata == nullptr || !metadata->is_object()) return plain;
  auto& members = metadata->get_object();
  members.erase("creationTimestamp");  // null in what some clients send
  if (auto* labels = members.if_contains("labels"); labels != nullptr && labels->is_object())
    labels->get_object().erase(label);
  return plain;
}

void add_label(json::object& labelled, std::string_view label, std::string_view value) {
  auto& labels = labelled.contains("matchLabels") || !labelled.contains("spec")
                     ? kube::object_at(labelled, "matchLabels")
                     : kube::object_at(kube::object_at(labelled, "metadata"), "labels");
  labels[label] = value;
}

}  // namespace podwire::control
