#include "kube/types/node_selector.h"

#include <algorithm>
#include <charconv>

namespace podwire::kube {

void read(const Place& place, NodeRequirement& into) {
  place.field("key", into.key);
  place.field("operator", into.op);
  place.field("values", into.values);
}

void read(const Place& place, NodeSelectorTerm& into) {
  place.field("matchExpressions", into.expressions);
  place.field("matchFields", into.fields);
}

void read(const Place& place, Taint& into) {
  place.field("key", into.key);
  place.field("value", into.value);
  place.field("effect", into.effect);
  place.field("timeAdded", into.added);
}

void read(const Place& place, Toleration& into) {
  place.field("key", into.key);
  place.field("operator", into.op);
  place.field("value", into.value);
  place.field("effect", into.effect);
  place.field("tolerationSeconds", into.seconds);
}

json::object to_json(const Taint& taint) {
  json::object out{{"key", taint.key}, {"effect", taint.effect}};
  if (!taint.value.empty()) out["value"] = taint.value;
  if (taint.added) out["timeAdded"] = time_text(*taint.added);
  return out;
}

json::object to_json(const Toleration& toleration) {
  json::object out;
  if (!toleration.key.empty()) out["key"] = toleration.key;
  if (!toleration.op.empty()) out["operator"] = toleration.op;
  if (!toleration.value.empty()) out["value"] = toleration.value;
  if (!toleration.effect.empty()) out["effect"] = toleration.effect;
  if (toleration.seconds) out["tolerationSeconds"] = *toleration.seconds;
  return out;
}

bool tolerates(const Toleration& toleration, const Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) return false;
  if (toleration.op == "Exists") return toleration.key.empty() || toleration.key == taint.key;
  return toleration.key == taint.key && toleration.value == taint.value;
}

bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint) {
  return std::ranges::any_of(tolerations, [&](const Toleration& t) { return tolerates(t, taint); });
}

namespace {

std::optional<std::int64_t> number_in(const std::string& text) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

bool holds(const NodeRequirement& r, const std::string* value) {
  if (r.op == "Exists") return value != nullptr;
  if (r.op == "DoesNotExist") return value == nullptr;
  const bool listed = value != nullptr && std::ranges::find(r.values, *value) != r.values.end();
  if (r.op == "In") return listed;
  if (r.op == "NotIn") return !listed;
  if (value == nullptr || r.values.size() != 1) return false;
  const auto have = number_in(*value), bound = number_in(r.values.front());
  if (!have || !bound) return false;
  return r.op == "Gt" ? *have > *bound : r.op == "Lt" && *have < *bound;
}

}  // namespace

bool matches(const std::vector<NodeSelectorTerm>& terms, const std::string& name, const TextMap& labels) {
  return std::ranges::any_of(terms, [&](const NodeSelectorTerm& term) {
    if (term.expressions.empty() && term.fields.empty()) return false;
    return std::ranges::all_of(term.expressions,
                               [&](const NodeRequirement& r) { return holds(r, find(labels, r.key)); }) &&
           std::ranges::all_of(term.fields, [&](const NodeRequirement& r) {
             return r.key == "metadata.name" && holds(r, &name);
           });
  });
}

}  // namespace podwire::kube
