#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace podwire {

/// RFC 4648, section 4: the standard alphabet, padded.
[[nodiscard]] std::string base64_encode(std::string_view bytes);
/// Strict: whole groups of four, padding only at the end, nothing else in between. nullopt otherwise.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

/// RFC 4648, section 5: for URLs and tokens; not padded.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
/// Strict: no padding, and no bits set beyond the last byte, so that each text is the only one of its bytes.
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace podwire
