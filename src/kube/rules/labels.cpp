#include "kube/rules/labels.h"

#include <algorithm>

namespace podwire::kube {

Labels labels_in(const json::object& map) {
  Labels out;
  out.reserve(map.size());
  for (const auto& entry : map)
    if (const auto* text = entry.value().if_string()) out.emplace_back(std::string(entry.key()), *text);
  std::ranges::sort(out);
  return out;
}

Labels labels_of(const json::object& object) {
  const auto* map = object_in(object, "metadata", "labels");
  return map != nullptr ? labels_in(*map) : Labels();
}

const std::string* find_label(const Labels& labels, std::string_view name) {
  const auto it = std::ranges::lower_bound(labels, name, {},
                                           [](const auto& pair) -> std::string_view { return pair.first; });
  return it != labels.end() && it->first == name ? &it->second : nullptr;
}

}  // namespace podwire::kube
