#pragma once
#include <string_view>

#include "base/result.h"
#include "kube/json.h"

namespace podwire::client {

namespace json = kube::json;

/// One YAML document as JSON, with YAML 1.2's core scalars. Errors name the line: no YAML, more than one
/// document, a key that stands twice or is no scalar, or a document that is larger than any configuration
/// (1 MiB, 50,000 values with its aliases written out, 64 levels): a few lines of aliases can mean terabytes.
[[nodiscard]] Result<json::value> json_from_yaml(std::string_view text);

}  // namespace podwire::client
