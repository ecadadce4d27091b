#pragma once
#include "kube/types/object_meta.h"

namespace podwire::control {

namespace json = kube::json;

/// The pod that a controller's template describes: its labels, annotations, finalizers and spec, to be named
/// "OWNER-xxxxx" by the API.
[[nodiscard]] json::object pod_of(const json::object& pod_template, const kube::ObjectMeta& owner,
                                  const kube::OwnerReference& reference);

/// The labels that its pods get.
[[nodiscard]] kube::TextMap template_labels(const json::object& pod_template);

/// Ten letters or digits that depend on the template alone (and the count of collisions so far), not on the
/// order of its keys.
[[nodiscard]] std::string template_hash(const json::object& pod_template, int collisions);

/// The template without the label that says its hash.
[[nodiscard]] json::object without_hash(const json::object& pod_template, std::string_view label);

/// Adds a label to the template or to a LabelSelector's matchLabels.
void add_label(json::object& labelled, std::string_view label, std::string_view value);

}  // namespace podwire::control
