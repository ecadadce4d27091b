#pragma once
#include <cstddef>
#include <string_view>

namespace podwire {

/// How many bytes the first character of `text` has: 1 to 4; 0 where no valid UTF-8 begins (RFC 3629: no
/// overlong forms, no surrogates, nothing above U+10FFFF) or `text` is empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace podwire
