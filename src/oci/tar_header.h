#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace podwire::oci {

constexpr std::size_t kTarBlock = 512;
using TarBlock = std::array<std::byte, kTarBlock>;

/// The fixed header of a member, ustar or older. Offsets: POSIX.1-2017 pax, "ustar Interchange Format".
struct TarHeader {
  std::string name, link;
  char type = '0';
  std::uint64_t mode = 0, uid = 0, gid = 0, size = 0, major = 0, minor = 0;
  std::int64_t mtime = 0;
};

[[nodiscard]] bool is_zero_block(const TarBlock& block);
/// Errors: the checksum differs, a number is malformed.
Result<TarHeader> parse_tar_header(const TarBlock& block);
/// The records of a pax header: "LENGTH KEY=VALUE\n" each.
Result<std::map<std::string, std::string>> parse_pax(std::string_view text);

}  // namespace podwire::oci
