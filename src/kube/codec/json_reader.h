#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "kube/json.h"
#include "kube/status.h"

namespace podwire::kube {

/// How deep a request body may be nested; deeper is refused before memory is spent on it.
constexpr std::size_t kMaxJsonDepth = 100;
/// How many problems are reported of one body, and how much text they may be together.
constexpr std::size_t kMaxProblems = 100;
constexpr std::size_t kMaxProblemBytes = std::size_t{64} << 10;

struct ParsedJson {
  json::value value;
  /// `duplicate field "spec.ports[0].name"`, in the order of the text; of the values the last one stands.
  std::vector<std::string> duplicates;
};

/// One JSON text, as Kubernetes reads it: what follows the value, comments, broken UTF-8 are refused. In one
/// pass, but for the rare text with duplicate keys.
Answer<ParsedJson> parse_json(std::string_view text);

}  // namespace podwire::kube
