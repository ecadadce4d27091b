#pragma once
#include <algorithm>
#include <string_view>

namespace podwire {

/// Whether two texts are the same but for the case of ASCII letters, as protocols mean it (RFC 9110, 5.1
/// and 11.1).
[[nodiscard]] inline bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace podwire
