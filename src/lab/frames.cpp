#include "lab/frames.h"

namespace podwire::lab {
namespace {

// RFC 792 and RFC 4443.
constexpr std::uint8_t kEchoRequest = 8, kEchoReply = 0, kEchoRequest6 = 128, kEchoReply6 = 129;
constexpr std::uint16_t kArpRequest = 1, kArpReply = 2;

struct Addresses {
  IpAddr src, dst;
};

std::optional<Addresses> addresses_of(const trace::Packet& packet) {
  if (const auto* ip = packet.outer<trace::Ipv4>()) return Addresses{ip->src, ip->dst};
  if (const auto* ip = packet.outer<trace::Ipv6>()) return Addresses{ip->src, ip->dst};
  return std::nullopt;
}

Tap::Wanted echo(IpAddr src, IpAddr dst, std::uint8_t type, std::uint8_t type6) {
  return [=](const trace::Packet& packet) {
    const auto ip = addresses_of(packet);
    const auto* icmp = packet.outer<trace::Icmp>();
    return ip && icmp != nullptr && ip->src == src && ip->dst == dst &&
           icmp->type == (src.is_v4() ? type : type6);
  };
}

bool is_syn(const trace::Tcp& tcp) {
  return (tcp.flags & (trace::Tcp::kSyn | trace::Tcp::kAck)) == trace::Tcp::kSyn;
}

}  // namespace

Tap::Wanted echo_request(IpAddr src, IpAddr dst) { return echo(src, dst, kEchoRequest, kEchoRequest6); }
Tap::Wanted echo_reply(IpAddr src, IpAddr dst) { return echo(src, dst, kEchoReply, kEchoReply6); }

Tap::Wanted arp_request(IpAddr target) {
  return [=](const trace::Packet& packet) {
    const auto* arp = packet.outer<trace::Arp>();
    return arp != nullptr && arp->op == kArpRequest && arp->target_ip == target;
  };
}

Tap::Wanted arp_reply(IpAddr addr) {
  return [=](const trace::Packet& packet) {
    const auto* arp = packet.outer<trace::Arp>();
    return arp != nullptr && arp->op == kArpReply && arp->sender_ip == addr;
  };
}

Tap::Wanted about(IpAddr addr) {
  return [=](const trace::Packet& packet) {
    if (const auto* arp = packet.outer<trace::Arp>()) return arp->sender_ip == addr || arp->target_ip == addr;
    const auto ip = addresses_of(packet);
    return ip && (ip->src == addr || ip->dst == addr);
  };
}

Tap::Wanted tcp_syn(std::uint16_t dst_port) {
  return [=](const trace::Packet& packet) {
    const auto* tcp = packet.outer<trace::Tcp>();
    return tcp != nullptr && is_syn(*tcp) && tcp->dst_port == dst_port;
  };
}

Tap::Wanted tcp_syn_numbered(std::uint32_t seq) {
  return [=](const trace::Packet& packet) {
    const auto* tcp = packet.outer<trace::Tcp>();
    return tcp != nullptr && is_syn(*tcp) && tcp->seq == seq;
  };
}

Tap::Wanted udp_to_port(std::uint16_t dst_port) {
  return [=](const trace::Packet& packet) {
    const auto* udp = packet.outer<trace::Udp>();
    return udp != nullptr && udp->dst_port == dst_port;
  };
}

}  // namespace podwire::lab
