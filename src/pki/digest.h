#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace podwire::pki {

/// 32 bytes.
[[nodiscard]] std::string sha256(std::string_view bytes);
/// Lower-case hexadecimal digits, two a byte.
[[nodiscard]] std::string hex(std::string_view bytes);
/// Tells nothing of where two texts of one length differ by the time it takes.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);
/// So many bytes that nobody can guess, as twice as many hexadecimal digits. Errors: the machine has none.
Result<std::string> random_secret(std::size_t bytes);

}  // namespace podwire::pki
