#include "trace/fields.h"

#include <fmt/format.h>

#include "trace/numbers.h"

namespace podwire::trace {
namespace {

std::string checksum_text(std::uint16_t checksum, Checksum verdict) {
  return fmt::format("0x{:04x}, {}", checksum, name_of(verdict));
}

/// Writes each type of header in words.
struct Words {
  LayerKind kind;

  std::vector<Field> operator()(const Data&) const { return {}; }

  std::vector<Field> operator()(const Ethernet& e) const {
    std::vector<Field> out{{"destination", e.dst.str()}, {"source", e.src.str()}};
    if (e.vlan) out.push_back({"VLAN", fmt::format("{}", *e.vlan)});
    out.push_back({"carries", ether_type_name(e.type)});
    return out;
  }

  std::vector<Field> operator()(const Arp& a) const {
    const auto op = a.op == 1 ? "request" : a.op == 2 ? "reply" : "other";
    return {{"operation", fmt::format("{} ({})", a.op, op)},
            {"sender MAC", a.sender_mac.str()},
            {"sender address", a.sender_ip.str()},
            {"target MAC", a.target_mac.str()},
            {"target address", a.target_ip.str()}};
  }

  std::vector<Field> operator()(const Ipv4& p) const {
    std::vector<Field> out{{"length", fmt::format("{}", p.total_length)}, {"id", fmt::format("{}", p.id)}};
    if (p.tos != 0) out.push_back({"type of service", fmt::format("0x{:02x}", p.tos)});
    if (p.dont_fragment) out.push_back({"fragments", "forbidden"});
    if (p.more_fragments || p.fragment_offset != 0)
      out.push_back(
          {"fragment", fmt::format("at byte {}{}", p.fragment_offset, p.more_fragments ? "" : ", the last")});
    out.insert(out.end(), {{"time to live", fmt::format("{}", p.ttl)},
                           {"carries", protocol_name(p.protocol)},
                           {"header checksum", checksum_text(p.checksum, p.verdict)},
                           {"source", p.src.str()},
                           {"destination", p.dst.str()}});
    return out;
  }

  std::vector<Field> operator()(const Ipv6& p) const {
    std::vector<Field> out;
    if (p.traffic_class != 0) out.push_back({"traffic class", fmt::format("0x{:02x}", p.traffic_class)});
    if (p.flow_label != 0) out.push_back({"flow label", fmt::format("0x{:05x}", p.flow_label)});
    out.insert(out.end(), {{"payload length", fmt::format("{}", p.payload_length)},
                           {"carries", protocol_name(p.protocol)},
                           {"hop limit", fmt::format("{}", p.hop_limit)},
                           {"source", p.src.str()},
                           {"destination", p.dst.str()}});
    return out;
  }

  std::vector<Field> operator()(const Udp& u) const {
    return {{"source port", fmt::format("{}", u.src_port)},
            {"destination port", fmt::format("{}", u.dst_port)},
            {"length", fmt::format("{}", u.length)},
            {"checksum", checksum_text(u.checksum, u.verdict)}};
  }

  std::vector<Field> operator()(const Tcp& t) const {
    return {{"source port", fmt::format("{}", t.src_port)},
            {"destination port", fmt::format("{}", t.dst_port)},
            {"sequence number", fmt::format("{}", t.seq)},
            {"acknowledgement", fmt::format("{}", t.ack)},
            {"flags", tcp_flag_names(t.flags)},
            {"window", fmt::format("{}", t.window)},
            {"checksum", checksum_text(t.checksum, t.verdict)}};
  }

  std::vector<Field> operator()(const Icmp& i) const {
    const bool v6 = kind == LayerKind::icmpv6;
    std::vector<Field> out{{"type", icmp_name(v6, i.type, i.code)},
                           {"checksum", checksum_text(i.checksum, i.verdict)}};
    const bool echo = v6 ? i.type == 128 || i.type == 129 : i.type == 0 || i.type == 8;
    if (echo) {
      out.push_back({"id", fmt::format("{}", i.id)});
      out.push_back({"sequence number", fmt::format("{}", i.seq)});
    }
    return out;
  }

  std::vector<Field> operator()(const Vxlan& v) const {
    return {{"network (VNI)", fmt::format("{}", v.vni)}};
  }
};

}  // namespace

std::string_view name_of(LayerKind kind) {
  switch (kind) {
    case LayerKind::ethernet:
      return "Ethernet";
    case LayerKind::arp:
      return "ARP";
    case LayerKind::ipv4:
      return "IPv4";
    case LayerKind::ipv6:
      return "IPv6";
    case LayerKind::udp:
      return "UDP";
    case LayerKind::tcp:
      return "TCP";
    case LayerKind::icmp:
      return "ICMP";
    case LayerKind::icmpv6:
      return "ICMPv6";
    case LayerKind::vxlan:
      return "VXLAN";
    case LayerKind::data:
      return "data";
    case LayerKind::padding:
      return "padding";
  }
  return "?";
}

std::string_view name_of(Checksum verdict) {
  switch (verdict) {
    case Checksum::unknown:
      return "not checked (bytes are missing)";
    case Checksum::good:
      return "good";
    case Checksum::bad:
      return "bad";
    case Checksum::partial:
      return "partial (offloaded)";
    case Checksum::none:
      return "none sent";
  }
  return "?";
}

std::vector<Field> fields_of(const Layer& layer) { return std::visit(Words{layer.kind}, layer.fields); }

}  // namespace podwire::trace
