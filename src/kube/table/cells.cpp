#include "kube/table/cells.h"

#include <algorithm>
#include <map>
#include <vector>

#include "kube/table/human_time.h"

namespace podwire::kube {

Column name_column() { return {"Name", "string", "name", "What the object is called."}; }
Column age_column() { return {"Age", "string", "", "How long ago the object was created."}; }

std::string_view name_of(const json::object& object) { return text_in(object, "metadata", "name"); }

std::string age_of(const json::object& object, std::chrono::sys_seconds now) {
  return time_since(text_in(object, "metadata", "creationTimestamp"), now);
}

std::int64_t number(const json::value* value) {
  if (value == nullptr) return 0;
  if (const auto* n = value->if_int64()) return *n;
  if (const auto* n = value->if_uint64()) return static_cast<std::int64_t>(*n);
  return 0;
}

std::size_t size_of(const json::array* list) { return list == nullptr ? 0 : list->size(); }

std::string_view or_else(std::string_view text, std::string_view otherwise) {
  return text.empty() ? otherwise : text;
}

void append(std::string& list, std::string_view one, std::string_view separator) {
  if (!list.empty()) list += separator;
  list += one;
}

namespace {

/// Requirements by label, as each is written.
using Requirements = std::multimap<std::string_view, std::string>;

void add_labels(Requirements& out, const json::object* labels) {
  if (labels == nullptr) return;
  for (const auto& [key, value] : *labels) {
    const auto* text = value.if_string();
    out.emplace(key, std::string(key) + "=" + (text != nullptr ? std::string(*text) : std::string()));
  }
}

std::string joined(const Requirements& requirements) {
  std::string out;
  for (const auto& [key, text] : requirements) append(out, text);
  return out.empty() ? "<none>" : out;
}

std::string values_of(const json::object& expression) {
  std::vector<std::string_view> values;
  if (const auto* list = array_in(expression, "values"))
    for (const auto& value : *list)
      if (const auto* text = value.if_string()) values.emplace_back(*text);
  std::ranges::sort(values);
  std::string out;
  for (const auto value : values) append(out, value);
  return out;
}

std::string expression_text(const json::object& expression) {
  const auto op = text_in(expression, "operator");
  const std::string key(text_in(expression, "key"));
  if (op == "In") return key + " in (" + values_of(expression) + ")";
  if (op == "NotIn") return key + " notin (" + values_of(expression) + ")";
  return op == "DoesNotExist" ? "!" + key : key;
}

}  // namespace

std::string labels_text(const json::object* labels) {
  Requirements out;
  add_labels(out, labels);
  return joined(out);
}

std::string selector_text(const json::object* selector) {
  Requirements out;
  if (selector == nullptr) return "<none>";
  add_labels(out, object_in(*selector, "matchLabels"));
  each_object(array_in(*selector, "matchExpressions"), [&](const json::object& expression) {
    out.emplace(text_in(expression, "key"), expression_text(expression));
  });
  return joined(out);
}

std::string of_containers(const json::array* containers, std::string_view key) {
  std::string out;
  each_object(containers, [&](const json::object& one) { append(out, text_in(one, key)); });
  return out;
}

}  // namespace podwire::kube
