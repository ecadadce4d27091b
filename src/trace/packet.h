#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/addr.h"

namespace podwire::trace {

/// What a checksum field turned out to be.
enum class Checksum {
  unknown,  ///< not all bytes are there: the frame was cut, or this is a fragment
  good,
  bad,
  partial,  ///< holds the pseudo header's sum only: the sender left the rest to hardware that a veth does not
            ///< have
  none,     ///< 0 in UDP over IPv4: the sender sent none
};

struct Ethernet {
  Mac dst, src;
  std::optional<std::uint16_t> vlan;  ///< the VLAN id of an 802.1Q tag
  std::uint16_t type = 0;             ///< after the tag: what is inside
};

struct Arp {
  std::uint16_t op = 0;  ///< 1 request, 2 reply
  Mac sender_mac;
  IpAddr sender_ip;
  Mac target_mac;
  IpAddr target_ip;
};

struct Ipv4 {
  IpAddr src, dst;
  std::uint8_t ttl = 0;
  std::uint8_t protocol = 0;
  std::uint8_t tos = 0;
  std::uint16_t id = 0;
  std::uint16_t total_length = 0;  ///< 0: larger than 64 KiB (TCP segmentation offload)
  std::uint16_t fragment_offset = 0;
  bool more_fragments = false;
  bool dont_fragment = false;
  std::uint16_t checksum = 0;
  Checksum verdict = Checksum::unknown;
};

/// With its extension headers, which count as part of the layer.
struct Ipv6 {
  IpAddr src, dst;
  std::uint8_t hop_limit = 0;
  std::uint8_t protocol = 0;  ///< what is inside, after the extension headers
  std::uint8_t traffic_class = 0;
  std::uint32_t flow_label = 0;
  std::uint16_t payload_length = 0;
  std::uint16_t fragment_offset = 0;
};

struct Udp {
  std::uint16_t src_port = 0, dst_port = 0;
  std::uint16_t length = 0;
  std::uint16_t checksum = 0;
  Checksum verdict = Checksum::unknown;
};

struct Tcp {
  static constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32;
  std::uint16_t src_port = 0, dst_port = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;
  std::uint16_t checksum = 0;
  Checksum verdict = Checksum::unknown;
};

/// ICMP and ICMPv6; id and seq mean something in echo requests and replies only.
struct Icmp {
  std::uint8_t type = 0, code = 0;
  std::uint16_t id = 0, seq = 0;
  std::uint16_t checksum = 0;
  Checksum verdict = Checksum::unknown;
};

struct Vxlan {
  std::uint32_t vni = 0;
};

/// Bytes that no layer above explains: the payload, or what follows a packet to fill up its frame.
struct Data {};

enum class LayerKind { ethernet, arp, ipv4, ipv6, udp, tcp, icmp, icmpv6, vxlan, data, padding };

/// One header and where it lies in the frame; of data, all of it.
struct Layer {
  LayerKind kind = LayerKind::data;
  std::size_t offset = 0;
  std::size_t length = 0;  ///< as many bytes as are there
  /// The layer should be longer than the bytes that are there. Fields of a cut header are not set.
  bool truncated = false;
  std::variant<Data, Ethernet, Arp, Ipv4, Ipv6, Udp, Tcp, Icmp, Vxlan> fields;
};

/// A decoded frame: its layers from the outside in, with no gap between them. Value; owns its bytes.
struct Packet {
  std::vector<std::byte> bytes;
  std::size_t original_length = 0;  ///< on the wire; more than bytes when the capture was cut
  std::vector<Layer> layers;

  [[nodiscard]] std::span<const std::byte> bytes_of(const Layer& layer) const {
    return std::span(bytes).subspan(layer.offset, layer.length);
  }
  /// The first (outermost) or last (innermost) layer of a type, as `outer<Ipv4>()`; nullptr when there is
  /// none or when it is cut.
  template <class T>
  [[nodiscard]] const T* outer() const {
    for (const auto& layer : layers)
      if (const T* fields = std::get_if<T>(&layer.fields); fields != nullptr && !layer.truncated)
        return fields;
    return nullptr;
  }
  template <class T>
  [[nodiscard]] const T* inner() const {
    const T* found = nullptr;
    for (const auto& layer : layers)
      if (const T* fields = std::get_if<T>(&layer.fields); fields != nullptr && !layer.truncated)
        found = fields;
    return found;
  }
};

/// Decodes an Ethernet frame: ARP, IPv4 and IPv6, UDP, TCP, ICMP, and VXLAN (ports 8472 and 4789) with the
/// frame in it. Never fails and never reads outside: what is cut says so, what is not known is data.
/// `original_length`: the frame's length on the wire when the capture kept less.
[[nodiscard]] Packet decode(std::span<const std::byte> frame, std::size_t original_length = 0);

}  // namespace podwire::trace
