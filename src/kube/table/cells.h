#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "kube/json.h"
#include "kube/table/layout.h"

/// What the cells of several kinds have in common.
namespace podwire::kube {

[[nodiscard]] Column name_column();
[[nodiscard]] Column age_column();

[[nodiscard]] std::string_view name_of(const json::object& object);
/// "5m17s", "<unknown>"
[[nodiscard]] std::string age_of(const json::object& object, std::chrono::sys_seconds now);

/// 0 where there is no number.
[[nodiscard]] std::int64_t number(const json::value* value);
template <std::convertible_to<std::string_view>... Path>
[[nodiscard]] std::int64_t number_in(const json::object& object, const Path&... path) {
  return number(in(object, path...));
}

/// An array's objects that are objects; calls `each(const json::object&)`.
template <class Each>
void each_object(const json::array* list, Each&& each) {
  if (list == nullptr) return;
  for (const auto& one : *list)
    if (const auto* object = one.if_object()) each(*object);
}
[[nodiscard]] std::size_t size_of(const json::array* list);

/// The text, or what stands there for none.
[[nodiscard]] std::string_view or_else(std::string_view text, std::string_view otherwise);

/// Adds to a list with a separator.
void append(std::string& list, std::string_view one, std::string_view separator = ",");

/// "app=web,tier=front", sorted; "<none>" for none.
[[nodiscard]] std::string labels_text(const json::object* labels);
/// A meta/v1 LabelSelector: "app=web,tier in (a,b),!canary", sorted by key; "<none>" for an empty one.
[[nodiscard]] std::string selector_text(const json::object* selector);

/// Of a list of containers, joined by commas: what stands under `key` ("name", "image").
[[nodiscard]] std::string of_containers(const json::array* containers, std::string_view key);

}  // namespace podwire::kube
