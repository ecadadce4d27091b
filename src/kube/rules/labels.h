#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/json.h"

namespace podwire::kube {

/// Names with values, sorted by name, each name once: an object's labels, or its selectable fields.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// metadata.labels. Values that are no text are left out.
[[nodiscard]] Labels labels_of(const json::object& object);
/// A map of texts, sorted by its keys.
[[nodiscard]] Labels labels_in(const json::object& map);

/// nullptr: there is none of that name.
[[nodiscard]] const std::string* find_label(const Labels& labels, std::string_view name);

}  // namespace podwire::kube
