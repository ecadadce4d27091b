#include "kube/patch/go_text.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <map>

namespace podwire::kube {
namespace {

std::string list_text(const json::array& array) {
  std::string out;
  for (const auto& element : array) out += fmt::format("{}{}", out.empty() ? "" : " ", go_text(element));
  return fmt::format("[{}]", out);
}

std::string map_text(const json::object& object) {
  std::map<std::string_view, const json::value*> sorted;
  for (const auto& [key, value] : object) sorted.emplace(key, &value);
  std::string out;
  for (const auto& [key, value] : sorted)
    out += fmt::format("{}{}:{}", out.empty() ? "" : " ", key, go_text(*value));
  return fmt::format("map[{}]", out);
}

}  // namespace

std::string go_text(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* array = value.if_array()) return list_text(*array);
  if (const auto* object = value.if_object()) return map_text(*object);
  return value.is_null() ? "<nil>" : json::serialize(value);
}

}  // namespace podwire::kube
