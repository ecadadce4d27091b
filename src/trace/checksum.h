#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/addr.h"
#include "trace/packet.h"

namespace podwire::trace {

/// The Internet checksum (RFC 1071): a sum of 16-bit words in ones' complement. Parts may have any length;
/// all but the last must have an even one.
class InternetSum {
 public:
  InternetSum& add(std::span<const std::byte> bytes);
  InternetSum& add(std::uint32_t number);
  /// The sum folded into 16 bits, not complemented.
  [[nodiscard]] std::uint16_t folded() const;

 private:
  std::uint64_t sum_ = 0;
};

/// The addresses, protocol and length that UDP, TCP and ICMPv6 put into their checksum (RFC 768, RFC
/// 8200 8.1).
[[nodiscard]] InternetSum pseudo_header(const IpAddr& src, const IpAddr& dst, std::uint8_t protocol,
                                        std::size_t length);

/// Judges a segment that has `field` in its checksum field. `start` is the pseudo header's sum, or nothing
/// for ICMP.
[[nodiscard]] Checksum judge(const InternetSum& start, std::span<const std::byte> segment,
                             std::uint16_t field);

}  // namespace podwire::trace
