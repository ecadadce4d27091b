#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace podwire {

/// RFC 4648, section 4: the standard alphabet, padded.
[[nodiscard]] std::string base64_encode(std::string_view bytes);
/// Strict: whole groups of four, padding only at the end, nothing else in between. nullopt otherwise.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace podwire
