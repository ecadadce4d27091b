#pragma once
#include <string_view>

#include "kube/rules/field_errors.h"
#include "kube/rules/names.h"

namespace podwire::kube {

/// What the cluster was set up with, as far as the rules need to know.
struct RuleOptions {
  int first_node_port = 30000, last_node_port = 32767;
};

/// What a check looks at beside the object itself.
struct CheckContext {
  const json::object* old = nullptr;  ///< the object before; nullptr: it is being created
  RuleOptions options;
};

/// What is particular to one kind: its computed defaults, what a write of it may say, and what it may not
/// change. All of it pure, on JSON that was checked against the schema and has its constant defaults. In the
/// order of a request: default_object, prepare_*, (allocators,) validate_*.
struct Rules {
  std::string_view resource;     ///< "pods", "deployments.apps"
  std::string_view group, kind;  ///< as in refusals
  bool namespaced = true;
  NameRule name = dns1123_subdomain;

  // May be null.
  void (*fill)(json::object& object) = nullptr;
  void (*on_create)(json::object& object) = nullptr;
  void (*on_update)(json::object& object, const json::object& old) = nullptr;
  void (*check)(const FieldCursor& object, const CheckContext& context) = nullptr;
  void (*check_status)(const FieldCursor& object, const CheckContext& context) = nullptr;

  /// Fills in what Kubernetes derives from the rest of the object. Idempotent; for reads of older objects as
  /// well as for writes.
  void default_object(json::object& object) const;
  /// A new object starts without a status, or with its kind's first one; a Namespace gets its finalizer.
  void prepare_create(json::object& object) const;
  /// Carries over what the writer left out and the server had chosen (a Service's addresses and ports), and
  /// drops what no longer applies.
  void prepare_update(json::object& object, const json::object& old) const;
  /// A write to `/status` changes the status, and nothing that belongs to the spec. Fills in defaults, too.
  void prepare_status_update(json::object& object, const json::object& old) const;

  // 422 with all that is wrong.
  [[nodiscard]] Answer<> validate_create(const json::object& object, const RuleOptions& options = {}) const;
  [[nodiscard]] Answer<> validate_update(const json::object& object, const json::object& old,
                                         const RuleOptions& options = {}) const;
  [[nodiscard]] Answer<> validate_status_update(const json::object& object, const json::object& old) const;
};

/// Of a stored resource of the schema ("pods", "deployments.apps"); for any other name, which is a bug, it
/// throws.
[[nodiscard]] const Rules& rules_of(std::string_view resource);

}  // namespace podwire::kube
