#include "kernel/rtnl/route_codec.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>

namespace podwire::kernel {
namespace {

using netlink::Attribute;
using netlink::Attributes;
using netlink::Writer;

constexpr std::size_t kViaAddress = sizeof(rtvia::rtvia_family);  // RTA_VIA: a family, then the address

void decode_metrics(Attributes metrics, state::Route& route) {
  for (const Attribute& a : metrics) {
    if (a.type() == RTAX_MTU) route.mtu = a.value<std::uint32_t>();
    if (a.type() == RTAX_ADVMSS) route.advmss = a.value<std::uint32_t>();
  }
}

void decode_next_hop(const Attribute& a, state::Route& route) {
  switch (a.type()) {
    case RTA_GATEWAY:
      route.gateway = IpAddr::from_bytes(a.bytes());
      break;
    case RTA_VIA:
      if (a.bytes().size() > kViaAddress) route.gateway = IpAddr::from_bytes(a.bytes().subspan(kViaAddress));
      break;
    case RTA_OIF:
      route.link_index = a.value<int>();
      break;
    default:
      break;
  }
}

void decode_first_of_many(const Attribute& multipath, state::Route& route) {
  const auto hop = multipath.as<rtnexthop>();
  if (!hop || hop->rtnh_len < sizeof(rtnexthop) || hop->rtnh_len > multipath.bytes().size()) return;
  route.link_index = hop->rtnh_ifindex;
  route.onlink = (hop->rtnh_flags & RTNH_F_ONLINK) != 0;
  const auto attributes = multipath.bytes().subspan(sizeof(rtnexthop), hop->rtnh_len - sizeof(rtnexthop));
  for (const Attribute& a : Attributes(attributes)) decode_next_hop(a, route);
}

bool only_refuses(state::RouteType type) {
  using enum state::RouteType;
  return type == blackhole || type == unreachable || type == prohibit;
}

}  // namespace

std::optional<state::Route> decode_route(const netlink::Message& message) {
  const auto header = message.fixed<rtmsg>();
  if (!header || (header->rtm_family != AF_INET && header->rtm_family != AF_INET6)) return std::nullopt;
  auto dst = IpAddr::any(static_cast<Family>(header->rtm_family));
  state::Route route{.table = header->rtm_table,
                     .type = static_cast<state::RouteType>(header->rtm_type),
                     .protocol = static_cast<state::RouteProtocol>(header->rtm_protocol),
                     .scope = static_cast<state::Scope>(header->rtm_scope),
                     .onlink = (header->rtm_flags & RTNH_F_ONLINK) != 0};
  for (const Attribute& a : message.attributes<rtmsg>()) {
    switch (a.type()) {
      case RTA_DST:
        dst = IpAddr::from_bytes(a.bytes()).value_or(dst);
        break;
      case RTA_PREFSRC:
        route.source = IpAddr::from_bytes(a.bytes());
        break;
      case RTA_TABLE:
        route.table = a.value<std::uint32_t>();
        break;
      case RTA_PRIORITY:
        route.metric = a.value<std::uint32_t>();
        break;
      case RTA_METRICS:
        decode_metrics(a.nested(), route);
        break;
      case RTA_MULTIPATH:
        decode_first_of_many(a, route);
        break;
      default:
        decode_next_hop(a, route);
        break;
    }
  }
  route.dst = Cidr(dst, header->rtm_dst_len);
  if (only_refuses(route.type)) route.link_index = 0;
  return route;
}

void put_route(Writer& w, std::uint16_t type, std::uint16_t flags, const state::Route& route) {
  const bool small_table = route.table <= 0xff;  // the header's field has 8 bits
  w.message(
      type, flags,
      rtmsg{.rtm_family = static_cast<std::uint8_t>(route.dst.family()),
            .rtm_dst_len = static_cast<std::uint8_t>(route.dst.length()),
            .rtm_table = small_table ? static_cast<std::uint8_t>(route.table) : std::uint8_t{RT_TABLE_UNSPEC},
            .rtm_protocol = static_cast<std::uint8_t>(route.protocol),
            .rtm_scope = static_cast<std::uint8_t>(route.scope),
            .rtm_type = static_cast<std::uint8_t>(route.type),
            .rtm_flags = route.onlink ? static_cast<unsigned>(RTNH_F_ONLINK) : 0U});
  if (route.dst.length() != 0) w.put_bytes(RTA_DST, route.dst.addr().bytes());
  if (route.gateway && route.gateway->family() == route.dst.family()) {
    w.put_bytes(RTA_GATEWAY, route.gateway->bytes());
  } else if (route.gateway) {
    struct {
      std::uint16_t family;
      std::uint8_t address[16];
    } via{static_cast<std::uint16_t>(route.gateway->family()), {}};
    const auto bytes = route.gateway->bytes();
    std::memcpy(via.address, bytes.data(), bytes.size());
    w.put_bytes(RTA_VIA, std::as_bytes(std::span(&via, 1)).first(kViaAddress + bytes.size()));
  }
  if (route.link_index != 0) w.put(RTA_OIF, route.link_index);
  if (route.source) w.put_bytes(RTA_PREFSRC, route.source->bytes());
  if (!small_table) w.put(RTA_TABLE, route.table);
  if (route.metric != 0) w.put(RTA_PRIORITY, route.metric);
  if (route.mtu == 0 && route.advmss == 0) return;
  const auto metrics = w.nest(RTA_METRICS);
  if (route.mtu != 0) w.put(RTAX_MTU, route.mtu);
  if (route.advmss != 0) w.put(RTAX_ADVMSS, route.advmss);
}

}  // namespace podwire::kernel
