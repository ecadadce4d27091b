#include "base/hash.h"

namespace podwire {

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ULL;
  }
  h ^= h >> 30;
  h *= 0xbf58476d1ce4e5b9ULL;
  h ^= h >> 27;
  h *= 0x94d049bb133111ebULL;
  return h ^ (h >> 31);
}

std::string stable_name(std::string_view text, unsigned length) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::uint64_t h = stable_hash(text);
  std::string out;
  for (unsigned i = 0; i < length && i < 12; ++i, h >>= 5) out += kAlphabet[h & 31];
  return out;
}

}  // namespace podwire
