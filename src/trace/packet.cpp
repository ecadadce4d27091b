#include "trace/packet.h"

#include "trace/decoder.h"
#include "trace/numbers.h"

namespace podwire::trace {

Packet decode(std::span<const std::byte> frame, std::size_t original_length) {
  Packet packet;
  packet.bytes.assign(frame.begin(), frame.end());
  packet.original_length = std::max(original_length, frame.size());
  Decoder(packet).ethernet({0, packet.original_length}, 0);
  return packet;
}

void Decoder::ethernet(Range range, int tunnels) {
  std::size_t length = 14;
  if (!has(range, length)) return cut(LayerKind::ethernet, range);
  Ethernet fields{
      .dst = view_.mac(range.begin), .src = view_.mac(range.begin + 6), .type = view_.u16(range.begin + 12)};
  if (fields.type == kTypeVlan) {
    length = 18;
    if (!has(range, length)) return cut(LayerKind::ethernet, range);
    fields.vlan = view_.u16(range.begin + 14) & 0x0fff;
    fields.type = view_.u16(range.begin + 16);
  }
  const Range rest = put(LayerKind::ethernet, range, length, fields);
  switch (fields.type) {
    case kTypeArp:
      return arp(rest);
    case kTypeIpv4:
      return ipv4(rest, tunnels);
    case kTypeIpv6:
      return ipv6(rest, tunnels);
    default:
      return data(rest);
  }
}

void Decoder::cut(LayerKind kind, Range range) {
  packet_.layers.push_back(
      {.kind = kind, .offset = range.begin, .length = there(range).size(), .truncated = true, .fields = {}});
}

void Decoder::data(Range range, LayerKind kind) {
  if (range.begin == range.end) return;
  packet_.layers.push_back({.kind = kind,
                            .offset = range.begin,
                            .length = there(range).size(),
                            .truncated = !is_whole(range),
                            .fields = {}});
}

void Decoder::padding(Range around, std::size_t packet_end) {
  if (packet_end < std::min(around.end, frame_.size())) data({packet_end, around.end}, LayerKind::padding);
}

}  // namespace podwire::trace
