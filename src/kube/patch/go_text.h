#pragma once
#include <string>

#include "kube/json.h"

namespace podwire::kube {

/// A value as Go prints it and thus as Kubernetes' messages show it: `map[image:x ports:[80 81]]`, keys
/// sorted.
[[nodiscard]] std::string go_text(const json::value& value);

}  // namespace podwire::kube
