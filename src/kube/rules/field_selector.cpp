#include "kube/rules/field_selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <span>

namespace podwire::kube {
namespace {

/// A field that can be selected, and where its value stands. Events have two forms, hence two paths.
struct Selectable {
  std::string_view field;
  std::string_view path = {};  ///< the field's own name where empty
  std::string_view second_path = {};
  std::string_view unset = {};  ///< its value where it is not set
};

constexpr Selectable kPods[] = {
    {"spec.host", "spec.nodeName"},
    {"spec.hostNetwork", {}, {}, "false"},
    {"spec.nodeName"},
    {"spec.restartPolicy"},
    {"spec.schedulerName"},
    {"spec.serviceAccountName"},
    {"status.nominatedNodeName"},
    {"status.phase"},
    {"status.podIP"},
};
constexpr Selectable kNodes[] = {{"spec.unschedulable", {}, {}, "false"}};
constexpr Selectable kNamespaces[] = {{"name", "metadata.name"}, {"status.phase"}};
constexpr Selectable kServices[] = {{"spec.clusterIP"}, {"spec.type"}};
constexpr Selectable kSecrets[] = {{"type"}};
constexpr Selectable kEvents[] = {
    {"involvedObject.apiVersion", {}, "regarding.apiVersion"},
    {"involvedObject.fieldPath", {}, "regarding.fieldPath"},
    {"involvedObject.kind", {}, "regarding.kind"},
    {"involvedObject.name", {}, "regarding.name"},
    {"involvedObject.namespace", {}, "regarding.namespace"},
    {"involvedObject.resourceVersion", {}, "regarding.resourceVersion"},
    {"involvedObject.uid", {}, "regarding.uid"},
    {"reason"},
    {"reportingComponent", {}, "reportingController"},
    {"source", "source.component", "deprecatedSource.component"},
    {"type"},
};

std::span<const Selectable> fields_of(std::string_view resource) {
  if (resource == "pods") return kPods;
  if (resource == "nodes") return kNodes;
  if (resource == "namespaces") return kNamespaces;
  if (resource == "services") return kServices;
  if (resource == "secrets") return kSecrets;
  if (resource == "events" || resource == "events.events.k8s.io") return kEvents;
  return {};
}

/// events.k8s.io calls them otherwise; objects carry them by the names of v1.
std::string by_stored_name(std::string_view resource, std::string_view field) {
  static constexpr std::string_view kRegarding = "regarding.";
  if (resource == "events.events.k8s.io") {
    if (field.starts_with(kRegarding))
      return std::string("involvedObject.").append(field.substr(kRegarding.size()));
    if (field == "reportingController") return "reportingComponent";
  }
  return std::string(field);
}

constexpr Selectable kCommon[] = {{"metadata.name"}, {"metadata.namespace"}};

const Selectable* find(std::string_view resource, std::string_view field) {
  for (const auto list : {std::span<const Selectable>(kCommon), fields_of(resource)})
    if (const auto it = std::ranges::find(list, field, &Selectable::field); it != list.end()) return &*it;
  return nullptr;
}

std::string_view at(const json::object& object, std::string_view path) {
  const auto* here = &object;
  for (;;) {
    const auto dot = path.find('.');
    const auto* value = here->if_contains(path.substr(0, dot));
    if (value == nullptr) return {};
    if (dot == std::string_view::npos) {
      if (value->is_bool()) return value->get_bool() ? "true" : "false";
      return value->is_string() ? std::string_view(value->get_string()) : std::string_view();
    }
    here = value->if_object();
    if (here == nullptr) return {};
    path.remove_prefix(dot + 1);
  }
}

std::string_view value_of(const Selectable& s, const json::object& object) {
  auto out = at(object, s.path.empty() ? s.field : s.path);
  if (out.empty() && !s.second_path.empty()) out = at(object, s.second_path);
  return out.empty() ? s.unset : out;
}

/// Cuts at commas that no backslash precedes.
std::vector<std::string_view> split_terms(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  bool escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (escaped)
      escaped = false;
    else if (text[i] == '\\')
      escaped = true;
    else if (text[i] == ',') {
      out.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  out.push_back(text.substr(start));
  return out;
}

std::expected<std::string, std::string> unescape(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == ',' || c == '=')
      return std::unexpected(
          fmt::format("invalid field selector: unescaped character in value: {}", static_cast<int>(c)));
    if (c != '\\') {
      out += c;
      continue;
    }
    const auto next = i + 1 < value.size() ? value[i + 1] : '\0';
    if (next != '\\' && next != ',' && next != '=')
      return std::unexpected(
          fmt::format("invalid field selector: invalid escape sequence: {}", value.substr(i, 2)));
    out += next;
    ++i;
  }
  return out;
}

std::string not_supported(std::string_view resource, std::string_view field) {
  if (!fields_of(resource).empty()) return fmt::format("field label not supported: {}", field);
  return fmt::format("\"{}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
                     field);
}

/// The first operator in a term; of those that begin at one place, the longest.
struct Split {
  std::string_view field, op, value;
};
std::optional<Split> split_term(std::string_view term) {
  for (std::size_t i = 0; i < term.size(); ++i)
    for (const std::string_view op : {"!=", "==", "="})
      if (term.substr(i).starts_with(op)) return Split{term.substr(0, i), op, term.substr(i + op.size())};
  return std::nullopt;
}

}  // namespace

Labels selectable_fields(std::string_view resource, const json::object& object) {
  Labels out;
  for (const auto list : {std::span<const Selectable>(kCommon), fields_of(resource)})
    for (const auto& s : list) out.emplace_back(s.field, value_of(s, object));
  std::ranges::sort(out);
  return out;
}

Answer<FieldSelector> FieldSelector::parse(std::string_view resource, std::string_view text) {
  FieldSelector out;
  out.resource_ = resource;
  for (const auto term : split_terms(text)) {
    if (term.empty()) continue;
    const auto parts = split_term(term);
    if (!parts) return bad_request(fmt::format("invalid selector: '{}'; can't understand '{}'", text, term));
    auto value = unescape(parts->value);
    if (!value) return bad_request(std::move(value).error());
    auto field = by_stored_name(resource, parts->field);
    if (find(resource, field) == nullptr) return bad_request(not_supported(resource, parts->field));
    out.conditions_.push_back({std::move(field), parts->op != "!=", *std::move(value)});
  }
  return out;
}

bool FieldSelector::matches(const Labels& fields) const {
  return std::ranges::all_of(conditions_, [&](const Condition& c) {
    const auto* value = find_label(fields, c.field);
    return (value != nullptr && *value == c.value) == c.equals;
  });
}

bool FieldSelector::matches(const json::object& object) const {
  return std::ranges::all_of(conditions_, [&](const Condition& c) {
    const auto* field = find(resource_, c.field);
    return field != nullptr && (value_of(*field, object) == c.value) == c.equals;
  });
}

std::optional<std::string_view> FieldSelector::exact(std::string_view field) const {
  for (const auto& c : conditions_)
    if (c.equals && c.field == field) return c.value;
  return std::nullopt;
}

}  // namespace podwire::kube
