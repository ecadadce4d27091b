#pragma once
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/addr.h"

namespace podwire::state {

/// linux/netfilter.h NFPROTO_*.
enum class NftFamily : std::uint8_t { inet = 1, ipv4 = 2, arp = 3, netdev = 5, bridge = 7, ipv6 = 10 };

/// Which set or map an element lives in.
struct NftSet {
  NftFamily family = NftFamily::inet;
  std::string table;
  std::string name;
  friend auto operator<=>(const NftSet&, const NftSet&) = default;
};

/// The bytes of a key or of map data as the kernel holds them: each component of a concatenation is padded to
/// 4 bytes; addresses and ports are in network order, marks in host order, interface names 16 bytes
/// NUL-padded. Build with the append functions in the order of the set's type. (A set whose whole key is one
/// inet_service or inet_proto is not padded by the kernel, so it cannot be addressed: make it a
/// concatenation.)
class NftBytes {
 public:
  NftBytes& addr(const IpAddr& a);
  NftBytes& port(std::uint16_t host_order);      ///< inet_service
  NftBytes& protocol(std::uint8_t ip_protocol);  ///< inet_proto
  NftBytes& mark(std::uint32_t host_order);
  NftBytes& ifname(std::string_view name);          ///< at most 15 characters
  NftBytes& raw(std::span<const std::byte> bytes);  ///< padded to 4

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] std::string hex() const;
  /// The inverse of hex(); "" is empty. Errors: odd length or other characters.
  static Result<NftBytes> from_hex(std::string_view text);
  friend auto operator<=>(const NftBytes&, const NftBytes&) = default;

 private:
  std::vector<std::byte> bytes_;
};

/// A verdict as map data: "goto lb-2", "jump x", accept, drop.
struct NftVerdict {
  enum class Kind : std::int32_t { accept = 1, drop = 0, jump = -3, goto_ = -4, return_ = -5 };
  Kind kind = Kind::accept;
  std::string chain;  ///< for jump and goto
  friend auto operator<=>(const NftVerdict&, const NftVerdict&) = default;
};

/// One element of a set, or of a map when `data` or `verdict` is there.
/// An interval of a concatenated set (flags interval) has `key_end`: the last key that belongs to it,
/// inclusive.
struct NftElement {
  NftBytes key;
  NftBytes key_end;  ///< empty: a single key
  NftBytes data;     ///< empty: a set, or a verdict map
  std::optional<NftVerdict> verdict;
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::chrono::milliseconds> expires;  ///< as read
  std::string comment;                               ///< at most 127 bytes; whose element it is
  friend bool operator==(const NftElement&, const NftElement&) = default;
};

/// What sets of one table hold, by their names.
using NftElements = std::map<std::string, std::vector<NftElement>>;

/// "inet podwire published4".
[[nodiscard]] std::string describe(const NftSet& set);
/// "accept", "goto lb-2".
[[nodiscard]] std::string describe(const NftVerdict& verdict);
/// Bytes in hex, as an element does not know its set's type: "060000001f900000 : 0a58000200500000 timeout
/// 500ms".
[[nodiscard]] std::string describe(const NftElement& element);

}  // namespace podwire::state
