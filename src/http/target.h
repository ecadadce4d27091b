#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace podwire::http {

/// What a request line names: "/api/v1/pods?watch=1". Percent-encoding is undone in the parts, not before
/// they are cut.
struct Target {
  std::vector<std::string> segments;                       ///< of the path, empty ones left out
  std::vector<std::pair<std::string, std::string>> query;  ///< in order; "+" is a space

  [[nodiscard]] std::string path() const;  ///< "/api/v1/pods"
};

/// Origin form only (RFC 9112, 3.2.1). Errors: not beginning with "/", or a broken escape.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

}  // namespace podwire::http
