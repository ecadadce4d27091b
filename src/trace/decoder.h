#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "trace/checksum.h"
#include "trace/packet.h"

namespace podwire::trace {

/// Reads big-endian numbers; the caller has made sure that they are there.
class View {
 public:
  explicit View(std::span<const std::byte> bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint8_t u8(std::size_t at) const { return std::to_integer<std::uint8_t>(bytes_[at]); }
  [[nodiscard]] std::uint16_t u16(std::size_t at) const {
    return static_cast<std::uint16_t>(u8(at) << 8 | u8(at + 1));
  }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const {
    return static_cast<std::uint32_t>(u16(at)) << 16 | u16(at + 2);
  }
  [[nodiscard]] Mac mac(std::size_t at) const { return *Mac::from_bytes(bytes_.subspan(at, 6)); }
  [[nodiscard]] IpAddr ip(std::size_t at, Family family) const {
    return *IpAddr::from_bytes(bytes_.subspan(at, address_bits(family) / 8));
  }

 private:
  std::span<const std::byte> bytes_;
};

/// Walks a frame and puts down its layers: one function a kind of header, which calls the one of what is
/// inside. Every function gets bytes that it must check for being there.
class Decoder {
 public:
  /// The bytes from `begin` to where the layer around says that they end, which may be past what was
  /// captured.
  struct Range {
    std::size_t begin, end;
  };

  explicit Decoder(Packet& packet) : packet_(packet), frame_(packet.bytes), view_(frame_) {}
  void ethernet(Range range, int tunnels);

 private:
  /// What an IP header says about the segment in it.
  struct Carrier {
    IpAddr src, dst;
    std::uint8_t protocol = 0;
    bool fragment = false;        ///< of a larger packet: no checksum can be taken
    bool later_fragment = false;  ///< and not its first: no header is in it
  };
  /// A segment whose checksum is left to be completed, and where the field lies.
  struct Unfinished {
    Range segment;
    std::size_t field;
  };

  // network.cpp
  void arp(Range range);
  void ipv4(Range range, int tunnels);
  void ipv6(Range range, int tunnels);
  std::optional<std::size_t> past_extensions(Range range, Ipv6& fields, Carrier& carrier) const;

  // transport.cpp
  void transport(Range range, const Carrier& carrier, int tunnels);
  void udp(Range range, const Carrier& carrier, int tunnels);
  void vxlan(Range range, int tunnels);
  void tcp(Range range, const Carrier& carrier);
  void icmp(LayerKind kind, Range range, const Carrier& carrier);
  Checksum check(Range segment, const InternetSum& start, std::size_t field, const Carrier& carrier);
  [[nodiscard]] bool good_when_finished(Range segment, const InternetSum& start) const;

  /// Are `n` bytes of this range there?
  [[nodiscard]] bool has(Range range, std::size_t n) const {
    return range.begin + n <= std::min(range.end, frame_.size());
  }
  [[nodiscard]] bool is_whole(Range range) const { return range.end <= frame_.size(); }
  [[nodiscard]] std::span<const std::byte> there(Range range) const {
    return frame_.subspan(range.begin, std::min(range.end, frame_.size()) - range.begin);
  }

  /// Puts down a header of `length` bytes and returns what follows it.
  template <class Fields>
  Range put(LayerKind kind, Range range, std::size_t length, const Fields& fields) {
    packet_.layers.push_back({.kind = kind, .offset = range.begin, .length = length, .fields = fields});
    return {range.begin + length, range.end};
  }
  /// A header that is not all there: its bytes, without fields.
  void cut(LayerKind kind, Range range);
  void data(Range range, LayerKind kind = LayerKind::data);
  /// The bytes of `around` that follow the packet in it.
  void padding(Range around, std::size_t packet_end);

  Packet& packet_;
  std::span<const std::byte> frame_;
  View view_;
  std::optional<Unfinished> unfinished_;  ///< of the innermost segment so far
};

}  // namespace podwire::trace
