#include "oci/tar_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace podwire::oci {
namespace {

std::string_view field(const TarBlock& block, std::size_t at, std::size_t length) {
  return {reinterpret_cast<const char*>(block.data()) + at, length};
}

/// A NUL ends a text field unless it fills it.
std::string text(const TarBlock& block, std::size_t at, std::size_t length) {
  const auto f = field(block, at, length);
  return std::string(f.substr(0, f.find('\0')));
}

/// Octal digits, padded with blanks or NULs; or, first bit set, GNU's big-endian binary.
Result<std::uint64_t> number(const TarBlock& block, std::size_t at, std::size_t length,
                             std::string_view what) {
  const auto f = field(block, at, length);
  const auto first = static_cast<unsigned char>(f[0]);
  std::uint64_t value = 0;
  if (first & 0x80) {
    if (first != 0x80 || std::any_of(f.begin() + 1, f.end() - 8, [](char c) { return c != 0; }))
      return fail("read tar header", what, 0, "number out of range");
    for (const char c : f.substr(length - 8)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  for (const char c : f) {
    if (c == ' ' || c == '\0') continue;
    if (c < '0' || c > '7') return fail("read tar header", what, 0, "not an octal number");
    value = value * 8 + static_cast<unsigned>(c - '0');
  }
  return value;
}

/// The sum of all bytes with the checksum field itself taken as blanks.
std::uint64_t checksum(const TarBlock& block) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i)
    sum += i >= 148 && i < 156 ? ' ' : std::to_integer<unsigned>(block[i]);
  return sum;
}

}  // namespace

bool is_zero_block(const TarBlock& block) {
  return std::all_of(block.begin(), block.end(), [](std::byte b) { return b == std::byte{0}; });
}

Result<TarHeader> parse_tar_header(const TarBlock& block) {
  if (TRY(number(block, 148, 8, "checksum")) != checksum(block))
    return fail("read tar header", {}, 0, "the checksum is wrong: not a tar archive, or a damaged one");
  TarHeader h;
  h.name = text(block, 0, 100);
  h.mode = TRY(number(block, 100, 8, "mode"));
  h.uid = TRY(number(block, 108, 8, "uid"));
  h.gid = TRY(number(block, 116, 8, "gid"));
  h.size = TRY(number(block, 124, 12, "size"));
  h.mtime = static_cast<std::int64_t>(TRY(number(block, 136, 12, "mtime")));
  h.type = static_cast<char>(block[156]);
  h.link = text(block, 157, 100);
  if (field(block, 257, 5) == "ustar") {
    h.major = TRY(number(block, 329, 8, "major"));
    h.minor = TRY(number(block, 337, 8, "minor"));
    // GNU's magic "ustar " uses the prefix field for other things.
    if (field(block, 257, 6)[5] == '\0')
      if (const std::string prefix = text(block, 345, 155); !prefix.empty()) h.name = prefix + "/" + h.name;
  }
  return h;
}

Result<std::map<std::string, std::string>> parse_pax(std::string_view rest) {
  const auto bad = [] { return fail("read pax header", {}, 0, "malformed record"); };
  std::map<std::string, std::string> records;
  while (!rest.empty()) {
    std::size_t length = 0;
    const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
    const auto digits = static_cast<std::size_t>(end - rest.data());
    if (ec != std::errc{} || length > rest.size() || length < digits + 4 || *end != ' ' ||
        rest[length - 1] != '\n')
      return bad();
    const auto record = rest.substr(digits + 1, length - digits - 2);
    const auto equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) return bad();
    records[std::string(record.substr(0, equals))] = record.substr(equals + 1);
    rest.remove_prefix(length);
  }
  return records;
}

}  // namespace podwire::oci
