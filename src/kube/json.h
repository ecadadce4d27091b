#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <string_view>

/// Looking into JSON trees whose shape is not known for sure: absent and of another kind are both "not
/// there". What is found lives in the tree: the compiler refuses to keep it longer than a temporary one.
namespace podwire::kube {

namespace json = boost::json;

/// in(object, "metadata", "name"): the value down that path, nullptr where the path ends early.
template <std::convertible_to<std::string_view>... Rest>
[[nodiscard]] const json::value* in(const json::object& object [[clang::lifetimebound]], std::string_view key,
                                    const Rest&... rest) {
  const auto* found = object.if_contains(key);
  if constexpr (sizeof...(rest) == 0) {
    return found;
  } else {
    const auto* next = found != nullptr ? found->if_object() : nullptr;
    return next != nullptr ? in(*next, rest...) : nullptr;
  }
}

template <std::convertible_to<std::string_view>... Path>
[[nodiscard]] std::string_view text_in(const json::object& object [[clang::lifetimebound]],
                                       const Path&... path) {
  const auto* found = in(object, path...);
  const auto* text = found != nullptr ? found->if_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

template <std::convertible_to<std::string_view>... Path>
[[nodiscard]] const json::object* object_in(const json::object& object [[clang::lifetimebound]],
                                            const Path&... path) {
  const auto* found = in(object, path...);
  return found != nullptr ? found->if_object() : nullptr;
}

template <std::convertible_to<std::string_view>... Path>
[[nodiscard]] const json::array* array_in(const json::object& object [[clang::lifetimebound]],
                                          const Path&... path) {
  const auto* found = in(object, path...);
  return found != nullptr ? found->if_array() : nullptr;
}

/// The object under `key`, made where there is none (or something else).
[[nodiscard]] inline json::object& object_at(json::object& object [[clang::lifetimebound]],
                                             std::string_view key) {
  auto& value = object[key];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

}  // namespace podwire::kube
