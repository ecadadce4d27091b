#pragma once
#include <functional>

#include "lab/socket_address.h"
#include "lab/tap.h"
#include "trace/packet.h"

namespace podwire::lab {

// What demos look for on a tap.
[[nodiscard]] Tap::Wanted echo_request(IpAddr src, IpAddr dst);
[[nodiscard]] Tap::Wanted echo_reply(IpAddr src, IpAddr dst);
/// "Who has `target`?"
[[nodiscard]] Tap::Wanted arp_request(IpAddr target);
/// "`addr` is at ..."
[[nodiscard]] Tap::Wanted arp_reply(IpAddr addr);
/// Anything to or from an address: IPv4, IPv6 or ARP.
[[nodiscard]] Tap::Wanted about(IpAddr addr);
/// The first segment of a connection to this port of any address.
[[nodiscard]] Tap::Wanted tcp_syn(std::uint16_t dst_port);
/// The same with this sequence number, which NAT leaves alone.
[[nodiscard]] Tap::Wanted tcp_syn_numbered(std::uint32_t seq);
[[nodiscard]] Tap::Wanted udp_to_port(std::uint16_t dst_port);

}  // namespace podwire::lab
