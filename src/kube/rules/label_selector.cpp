#include "kube/rules/label_selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace podwire::kube {
namespace {

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t out = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = error == std::errc() && rest == text.data() + text.size();
  return whole ? std::optional(out) : std::nullopt;
}

bool compare(const Requirement& r, const std::string& value) {
  const auto left = to_number(value);
  const auto right = to_number(r.values.front());
  if (!left || !right) return false;
  return r.op == Requirement::Op::greater ? *left > *right : *left < *right;
}

std::string to_text(const Requirement& r) {
  const auto values = fmt::format("{}", fmt::join(r.values, ","));
  switch (r.op) {
    case Requirement::Op::equals:
      return r.key + "=" + values;
    case Requirement::Op::not_equals:
      return r.key + "!=" + values;
    case Requirement::Op::in:
      return fmt::format("{} in ({})", r.key, values);
    case Requirement::Op::not_in:
      return fmt::format("{} notin ({})", r.key, values);
    case Requirement::Op::exists:
      return r.key;
    case Requirement::Op::absent:
      return "!" + r.key;
    case Requirement::Op::greater:
      return r.key + ">" + values;
    case Requirement::Op::less:
      return r.key + "<" + values;
  }
  return r.key;
}

std::vector<std::string> sorted_texts(const json::array* list) {
  std::vector<std::string> out;
  if (list == nullptr) return out;
  for (const auto& value : *list)
    if (const auto* text = value.if_string()) out.emplace_back(*text);
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

std::optional<Requirement::Op> expression_operator(std::string_view name) {
  if (name == "In") return Requirement::Op::in;
  if (name == "NotIn") return Requirement::Op::not_in;
  if (name == "Exists") return Requirement::Op::exists;
  if (name == "DoesNotExist") return Requirement::Op::absent;
  return std::nullopt;
}

void add_all(std::vector<Requirement>& out, const json::object& map) {
  for (const auto& entry : map)
    if (const auto* text = entry.value().if_string())
      out.push_back({std::string(entry.key()), Requirement::Op::equals, {std::string(*text)}});
}

}  // namespace

bool Requirement::matches(const std::string* value) const {
  switch (op) {
    case Op::equals:
    case Op::in:
      return value != nullptr && std::ranges::binary_search(values, *value);
    case Op::not_equals:
    case Op::not_in:
      return value == nullptr || !std::ranges::binary_search(values, *value);
    case Op::exists:
      return value != nullptr;
    case Op::absent:
      return value == nullptr;
    case Op::greater:
    case Op::less:
      return value != nullptr && compare(*this, *value);
  }
  return false;
}

LabelSelector::LabelSelector(std::vector<Requirement> requirements) : requirements_(std::move(requirements)) {
  std::ranges::sort(requirements_);
}

Answer<LabelSelector> LabelSelector::from_json(const json::object* selector) {
  if (selector == nullptr) return nothing();
  std::vector<Requirement> out;
  if (const auto* map = object_in(*selector, "matchLabels")) add_all(out, *map);
  if (const auto* list = array_in(*selector, "matchExpressions"))
    for (const auto& item : *list) {
      const auto* expression = item.if_object();
      if (expression == nullptr) continue;
      const auto op = expression_operator(text_in(*expression, "operator"));
      if (!op)
        return bad_request(
            fmt::format("\"{}\" is not a valid label selector operator", text_in(*expression, "operator")));
      out.push_back(
          {std::string(text_in(*expression, "key")), *op, sorted_texts(array_in(*expression, "values"))});
    }
  return LabelSelector(std::move(out));
}

LabelSelector LabelSelector::from_map(const json::object& map) {
  std::vector<Requirement> out;
  add_all(out, map);
  return LabelSelector(std::move(out));
}

LabelSelector LabelSelector::nothing() {
  LabelSelector out;
  out.nothing_ = true;
  return out;
}

bool LabelSelector::matches(const Labels& labels) const {
  return !nothing_ && std::ranges::all_of(requirements_, [&](const Requirement& r) {
    return r.matches(find_label(labels, r.key));
  });
}

bool LabelSelector::matches(const json::object* labels) const {
  return !nothing_ && std::ranges::all_of(requirements_, [&](const Requirement& r) {
    const auto* value = labels != nullptr ? labels->if_contains(r.key) : nullptr;
    if (value == nullptr || !value->is_string()) return r.matches(nullptr);
    const std::string text(value->get_string());
    return r.matches(&text);
  });
}

std::string LabelSelector::str() const {
  std::string out;
  for (const auto& r : requirements_) out.append(out.empty() ? "" : ",").append(to_text(r));
  return out;
}

}  // namespace podwire::kube
