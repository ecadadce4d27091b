#include "trace/decoder.h"
#include "trace/numbers.h"

namespace podwire::trace {
namespace {
constexpr int kMostTunnels = 4;  // one inside the other; what is deeper is shown as data
}

void Decoder::transport(Range range, const Carrier& carrier, int tunnels) {
  if (carrier.later_fragment) return data(range);
  switch (carrier.protocol) {
    case kUdp:
      return udp(range, carrier, tunnels);
    case kTcp:
      return tcp(range, carrier);
    case kIcmp:
      return icmp(LayerKind::icmp, range, carrier);
    case kIcmpv6:
      return icmp(LayerKind::icmpv6, range, carrier);
    default:
      return data(range);
  }
}

/// `field` is where the checksum lies in the frame.
Checksum Decoder::check(Range segment, const InternetSum& start, std::size_t field, const Carrier& carrier) {
  unfinished_.reset();
  if (carrier.fragment || !is_whole(segment)) return Checksum::unknown;
  const auto verdict = judge(start, there(segment), view_.u16(field));
  if (verdict == Checksum::partial) unfinished_ = Unfinished{segment, field};
  return verdict;
}

/// Local checksum offload: the checksum round a segment that is yet to be finished is already the one that
/// will be right then. So it is judged over the bytes as they will be.
bool Decoder::good_when_finished(Range segment, const InternetSum& start) const {
  if (!unfinished_) return false;
  std::vector<std::byte> bytes(there(segment).begin(), there(segment).end());
  const auto sum = InternetSum().add(there(unfinished_->segment)).folded();
  const auto finished = static_cast<std::uint16_t>(~sum);
  bytes[unfinished_->field - segment.begin] = static_cast<std::byte>(finished >> 8);
  bytes[unfinished_->field - segment.begin + 1] = static_cast<std::byte>(finished & 0xff);
  return judge(start, bytes, 0) == Checksum::good;
}

void Decoder::udp(Range range, const Carrier& carrier, int tunnels) {
  const std::size_t at = range.begin;
  if (!has(range, 8)) return cut(LayerKind::udp, range);
  Udp fields{.src_port = view_.u16(at),
             .dst_port = view_.u16(at + 2),
             .length = view_.u16(at + 4),
             .checksum = view_.u16(at + 6)};
  Range datagram = range;
  if (fields.length >= 8) datagram.end = std::min(range.end, at + fields.length);
  const auto start = pseudo_header(carrier.src, carrier.dst, kUdp, datagram.end - at);
  fields.verdict = check(datagram, start, at + 6, carrier);
  if (fields.checksum == 0 && carrier.src.is_v4()) fields.verdict = Checksum::none;
  const std::size_t own_index = packet_.layers.size();
  const Range rest = put(LayerKind::udp, datagram, 8, fields);
  const bool to_tunnel = fields.dst_port == kVxlanPort || fields.dst_port == kVxlanLinuxPort;
  if (to_tunnel && tunnels < kMostTunnels && !carrier.fragment) {
    vxlan(rest, tunnels);
    if (fields.verdict == Checksum::bad && good_when_finished(datagram, start))
      std::get<Udp>(packet_.layers[own_index].fields).verdict = Checksum::good;
  } else {
    data(rest);
  }
  padding(range, datagram.end);
}

void Decoder::vxlan(Range range, int tunnels) {
  constexpr std::size_t kLength = 8;
  constexpr std::uint8_t kHasVni = 0x08;  // RFC 7348, section 5: the I flag
  if (!has(range, kLength)) return cut(LayerKind::vxlan, range);
  if ((view_.u8(range.begin) & kHasVni) == 0) return data(range);
  const Vxlan fields{.vni = view_.u32(range.begin + 4) >> 8};
  ethernet(put(LayerKind::vxlan, range, kLength, fields), tunnels + 1);
}

void Decoder::tcp(Range range, const Carrier& carrier) {
  const std::size_t at = range.begin;
  if (!has(range, 20)) return cut(LayerKind::tcp, range);
  const std::size_t length = std::size_t{4} * (view_.u8(at + 12) >> 4);
  if (length < 20) return data(range);
  if (!has(range, length)) return cut(LayerKind::tcp, range);
  Tcp fields{.src_port = view_.u16(at),
             .dst_port = view_.u16(at + 2),
             .seq = view_.u32(at + 4),
             .ack = view_.u32(at + 8),
             .flags = view_.u8(at + 13),
             .window = view_.u16(at + 14),
             .checksum = view_.u16(at + 16)};
  const auto start = pseudo_header(carrier.src, carrier.dst, kTcp, range.end - at);
  fields.verdict = check(range, start, at + 16, carrier);
  data(put(LayerKind::tcp, range, length, fields));
}

void Decoder::icmp(LayerKind kind, Range range, const Carrier& carrier) {
  const std::size_t at = range.begin;
  if (!has(range, 8)) return cut(kind, range);
  Icmp fields{.type = view_.u8(at),
              .code = view_.u8(at + 1),
              .id = view_.u16(at + 4),
              .seq = view_.u16(at + 6),
              .checksum = view_.u16(at + 2)};
  const auto start = kind == LayerKind::icmpv6
                         ? pseudo_header(carrier.src, carrier.dst, kIcmpv6, range.end - at)
                         : InternetSum();
  fields.verdict = check(range, start, at + 2, carrier);
  data(put(kind, range, 8, fields));
}

}  // namespace podwire::trace
