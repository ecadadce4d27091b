#pragma once
#include "kube/types/read.h"

namespace podwire::kube {

/// One condition of a node affinity on a label (or, in matchFields, on metadata.name).
struct NodeRequirement {
  std::string key, op;  ///< op: In, NotIn, Exists, DoesNotExist, Gt, Lt
  std::vector<std::string> values;
  friend bool operator==(const NodeRequirement&, const NodeRequirement&) = default;
};

/// All of its requirements must hold; one without any matches no node.
struct NodeSelectorTerm {
  std::vector<NodeRequirement> expressions, fields;
  friend bool operator==(const NodeSelectorTerm&, const NodeSelectorTerm&) = default;
};

struct Taint {
  std::string key, value, effect;
  std::optional<Time> added;
  friend bool operator==(const Taint&, const Taint&) = default;
};

struct Toleration {
  std::string key, op, value, effect;
  std::optional<std::int64_t> seconds;
  friend bool operator==(const Toleration&, const Toleration&) = default;
};

void read(const Place& place, NodeRequirement& into);
void read(const Place& place, NodeSelectorTerm& into);
void read(const Place& place, Taint& into);
void read(const Place& place, Toleration& into);
[[nodiscard]] json::object to_json(const Taint& taint);
[[nodiscard]] json::object to_json(const Toleration& toleration);

[[nodiscard]] bool tolerates(const Toleration& toleration, const Taint& taint);
[[nodiscard]] bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint);
/// One of the terms holds on a node of that name and labels.
[[nodiscard]] bool matches(const std::vector<NodeSelectorTerm>& terms, const std::string& name,
                           const TextMap& labels);

}  // namespace podwire::kube
