#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace podwire {

/// FNV-1a, 64 bits, then mixed (splitmix64's finaliser). Stable across machines and releases:
/// device names and MACs are made from it.
[[nodiscard]] std::uint64_t stable_hash(std::string_view text);

/// `length` (<= 12) lower-case base32 characters of the hash: 5 bits each.
[[nodiscard]] std::string stable_name(std::string_view text, unsigned length);

}  // namespace podwire
