#include "trace/numbers.h"

#include <fmt/format.h>

#include <array>

#include "trace/packet.h"

namespace podwire::trace {
namespace {

struct IcmpName {
  bool v6;
  std::uint8_t type;
  int code;  // -1: any
  std::string_view name;
};

// RFC 792, RFC 1191; RFC 4443, RFC 4861.
constexpr std::array kIcmpNames{
    IcmpName{false, 0, -1, "echo reply"},
    IcmpName{false, 3, 0, "destination unreachable: network"},
    IcmpName{false, 3, 1, "destination unreachable: host"},
    IcmpName{false, 3, 2, "destination unreachable: protocol"},
    IcmpName{false, 3, 3, "destination unreachable: port"},
    IcmpName{false, 3, 4, "destination unreachable: too big and must not be fragmented"},
    IcmpName{false, 3, 13, "destination unreachable: forbidden by a filter"},
    IcmpName{false, 5, -1, "redirect"},
    IcmpName{false, 8, -1, "echo request"},
    IcmpName{false, 11, 0, "time exceeded: TTL reached 0"},
    IcmpName{false, 11, 1, "time exceeded: fragments missing"},
    IcmpName{true, 1, 0, "destination unreachable: no route"},
    IcmpName{true, 1, 1, "destination unreachable: forbidden by a filter"},
    IcmpName{true, 1, 3, "destination unreachable: address"},
    IcmpName{true, 1, 4, "destination unreachable: port"},
    IcmpName{true, 2, -1, "packet too big"},
    IcmpName{true, 3, 0, "time exceeded: hop limit reached 0"},
    IcmpName{true, 128, -1, "echo request"},
    IcmpName{true, 129, -1, "echo reply"},
    IcmpName{true, 133, -1, "router solicitation"},
    IcmpName{true, 134, -1, "router advertisement"},
    IcmpName{true, 135, -1, "neighbour solicitation"},
    IcmpName{true, 136, -1, "neighbour advertisement"},
    IcmpName{true, 143, -1, "multicast listener report"},
};

}  // namespace

std::string ether_type_name(std::uint16_t type) {
  switch (type) {
    case kTypeIpv4:
      return "IPv4";
    case kTypeArp:
      return "ARP";
    case kTypeVlan:
      return "VLAN tag";
    case kTypeIpv6:
      return "IPv6";
    default:
      return fmt::format("0x{:04x}", type);
  }
}

std::string protocol_name(std::uint8_t protocol) {
  switch (protocol) {
    case kIcmp:
      return "ICMP";
    case kTcp:
      return "TCP";
    case kUdp:
      return "UDP";
    case kIcmpv6:
      return "ICMPv6";
    case kSctp:
      return "SCTP";
    default:
      return fmt::format("protocol {}", protocol);
  }
}

std::string icmp_name(bool v6, std::uint8_t type, std::uint8_t code) {
  for (const auto& n : kIcmpNames)
    if (n.v6 == v6 && n.type == type && (n.code < 0 || n.code == code)) return std::string(n.name);
  return fmt::format("type {} code {}", type, code);
}

std::string tcp_flag_names(std::uint8_t flags) {
  static constexpr std::array<std::pair<std::uint8_t, std::string_view>, 6> kNames{{{Tcp::kSyn, "SYN"},
                                                                                    {Tcp::kFin, "FIN"},
                                                                                    {Tcp::kRst, "RST"},
                                                                                    {Tcp::kPsh, "PSH"},
                                                                                    {Tcp::kAck, "ACK"},
                                                                                    {Tcp::kUrg, "URG"}}};
  std::string out;
  for (const auto& [bit, name] : kNames) {
    if ((flags & bit) == 0) continue;
    if (!out.empty()) out += '+';
    out += name;
  }
  return out.empty() ? "no flags" : out;
}

}  // namespace podwire::trace
