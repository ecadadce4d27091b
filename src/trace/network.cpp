#include "trace/decoder.h"
#include "trace/numbers.h"

namespace podwire::trace {

void Decoder::arp(Range range) {
  constexpr std::size_t kLength = 28;
  if (!has(range, kLength)) return cut(LayerKind::arp, range);
  const std::size_t at = range.begin;
  const bool ethernet_and_ipv4 =
      view_.u16(at) == 1 && view_.u16(at + 2) == kTypeIpv4 && view_.u8(at + 4) == 6 && view_.u8(at + 5) == 4;
  if (!ethernet_and_ipv4) return data(range);
  const Arp fields{.op = view_.u16(at + 6),
                   .sender_mac = view_.mac(at + 8),
                   .sender_ip = view_.ip(at + 14, Family::v4),
                   .target_mac = view_.mac(at + 18),
                   .target_ip = view_.ip(at + 24, Family::v4)};
  padding(range, put(LayerKind::arp, range, kLength, fields).begin);
}

void Decoder::ipv4(Range range, int tunnels) {
  const std::size_t at = range.begin;
  if (!has(range, 20)) return cut(LayerKind::ipv4, range);
  const std::size_t length = std::size_t{4} * (view_.u8(at) & 0x0f);
  if (view_.u8(at) >> 4 != 4 || length < 20) return data(range);
  if (!has(range, length)) return cut(LayerKind::ipv4, range);
  const auto fragment = view_.u16(at + 6);
  Ipv4 fields{.src = view_.ip(at + 12, Family::v4),
              .dst = view_.ip(at + 16, Family::v4),
              .ttl = view_.u8(at + 8),
              .protocol = view_.u8(at + 9),
              .tos = view_.u8(at + 1),
              .id = view_.u16(at + 4),
              .total_length = view_.u16(at + 2),
              .fragment_offset = static_cast<std::uint16_t>((fragment & 0x1fff) * 8),
              .more_fragments = (fragment & 0x2000) != 0,
              .dont_fragment = (fragment & 0x4000) != 0,
              .checksum = view_.u16(at + 10)};
  fields.verdict = judge({}, frame_.subspan(at, length), fields.checksum);
  // A length of 0 is the kernel's for a packet above 64 KiB that is yet to be segmented.
  const std::size_t end = fields.total_length >= length ? at + fields.total_length : range.end;
  const Range rest = put(LayerKind::ipv4, {at, std::min(end, range.end)}, length, fields);
  const bool later = fields.fragment_offset != 0;
  transport(rest, {fields.src, fields.dst, fields.protocol, later || fields.more_fragments, later}, tunnels);
  padding(range, rest.end);
}

void Decoder::ipv6(Range range, int tunnels) {
  const std::size_t at = range.begin;
  if (!has(range, 40)) return cut(LayerKind::ipv6, range);
  if (view_.u8(at) >> 4 != 6) return data(range);
  const auto first_word = view_.u32(at);
  Ipv6 fields{.src = view_.ip(at + 8, Family::v6),
              .dst = view_.ip(at + 24, Family::v6),
              .hop_limit = view_.u8(at + 7),
              .protocol = view_.u8(at + 6),
              .traffic_class = static_cast<std::uint8_t>(first_word >> 20),
              .flow_label = first_word & 0xfffff,
              .payload_length = view_.u16(at + 4)};
  const std::size_t end = fields.payload_length != 0 ? at + 40 + fields.payload_length : range.end;
  const Range whole{at, std::min(end, range.end)};
  Carrier carrier{.src = fields.src, .dst = fields.dst};
  const auto length = past_extensions(whole, fields, carrier);
  if (!length) {
    cut(LayerKind::ipv6, whole);
    return padding(range, whole.end);
  }
  const Range rest = put(LayerKind::ipv6, whole, *length, fields);
  carrier.protocol = fields.protocol;
  carrier.later_fragment = fields.fragment_offset != 0;
  transport(rest, carrier, tunnels);
  padding(range, rest.end);
}

/// The length of the IPv6 header with its extension headers (RFC 8200, section 4); nothing when they are cut.
std::optional<std::size_t> Decoder::past_extensions(Range range, Ipv6& fields, Carrier& carrier) const {
  std::size_t length = 40;
  for (;;) {
    const bool is_fragment = fields.protocol == kFragment;
    if (!is_fragment && fields.protocol != kHopByHop && fields.protocol != kRouting &&
        fields.protocol != kDestinationOptions)
      return length;
    if (!has(range, length + 8)) return std::nullopt;
    const std::size_t at = range.begin + length;
    length += is_fragment ? 8 : (view_.u8(at + 1) + 1u) * 8;
    if (!has(range, length)) return std::nullopt;
    if (is_fragment) {
      carrier.fragment = true;
      fields.fragment_offset = view_.u16(at + 2) & 0xfff8;
    }
    fields.protocol = view_.u8(at);
    if (fields.fragment_offset != 0) return length;  // what follows is the middle of something
  }
}

}  // namespace podwire::trace
