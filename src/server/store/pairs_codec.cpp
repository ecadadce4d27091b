#include "server/store/pairs_codec.h"

#include <cstdint>

namespace podwire::server {
namespace {

void put(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(size >> shift);
  out += text;
}

bool take(std::string_view& bytes, std::string& text) {
  if (bytes.size() < 4) return false;
  std::uint32_t size = 0;
  for (unsigned i = 0; i < 4; ++i) size |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  bytes.remove_prefix(4);
  if (bytes.size() < size) return false;
  text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

}  // namespace

std::string encode_pairs(const Pairs& pairs) {
  std::string out;
  for (const auto& [key, value] : pairs) {
    put(out, key);
    put(out, value);
  }
  return out;
}

std::optional<Pairs> decode_pairs(std::string_view bytes) {
  Pairs pairs;
  while (!bytes.empty()) {
    auto& [key, value] = pairs.emplace_back();
    if (!take(bytes, key) || !take(bytes, value)) return std::nullopt;
  }
  pairs.shrink_to_fit();
  return pairs;
}

}  // namespace podwire::server
