#pragma once
#include "base/addr.h"
#include "kube/rules/rules.h"

namespace podwire::kube {

/// metadata of any kind: name by the kind's rule, labels, annotations, owners, finalizers.
void check_metadata(const FieldCursor& object, const Rules& rules);
/// What an update may not change about it.
void check_metadata_update(const FieldCursor& object, const json::object& old);

/// A map of labels: metadata.labels, nodeSelector, a Service's selector.
void check_labels(const FieldCursor& labels);
void check_annotations(const FieldCursor& annotations);
/// A meta/v1 LabelSelector.
void check_label_selector(const FieldCursor& selector);

// Shapes that many kinds share. Each reports what is wrong at the field itself.
void check_non_negative(const FieldCursor& number);
/// A field that must be as it was; absent and null are the same.
void check_unchanged(const FieldCursor& field, const json::value* old);
/// One of `values`; absent is "Required value".
void check_one_of(const FieldCursor& text, std::initializer_list<std::string_view> values);
/// An object's name that a field refers to: required, and of the shape of `rule`.
void check_reference(const FieldCursor& name, NameRule rule = dns1123_subdomain);
/// An address that another machine can be reached by: not unspecified, loopback or link-local.
void check_non_special_ip(const FieldCursor& ip);
void check_protocol(const FieldCursor& protocol);
/// A port's number, or its name where `port` is a text.
void check_port_or_name(const FieldCursor& port);
/// null, [], {} and "" count as absent.
[[nodiscard]] bool same(const json::value* a, const json::value* b);

}  // namespace podwire::kube
