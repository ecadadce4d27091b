#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "kernel/rtnl/codec.h"

namespace podwire::kernel::codec {
namespace {
using netlink::Attribute;

state::BridgePort read_port(const Attribute& data) {
  state::BridgePort port;
  for (const auto& a : data.nested()) {
    if (a.type() == IFLA_BRPORT_MODE) port.hairpin = a.value<std::uint8_t>() != 0;
    if (a.type() == IFLA_BRPORT_ISOLATED) port.isolated = a.value<std::uint8_t>() != 0;
    if (a.type() == IFLA_BRPORT_LEARNING) port.learning = a.value<std::uint8_t>() != 0;
    if (a.type() == IFLA_BRPORT_UNICAST_FLOOD) port.unicast_flood = a.value<std::uint8_t>() != 0;
  }
  return port;
}

state::Vxlan read_vxlan(const Attribute& data) {
  state::Vxlan vxlan;
  for (const auto& a : data.nested()) {
    if (a.type() == IFLA_VXLAN_ID) vxlan.vni = a.value<std::uint32_t>();
    if (a.type() == IFLA_VXLAN_PORT) vxlan.port = __builtin_bswap16(a.value<std::uint16_t>());
    if (a.type() == IFLA_VXLAN_LOCAL || a.type() == IFLA_VXLAN_LOCAL6)
      vxlan.local = IpAddr::from_bytes(a.bytes());
    if (a.type() == IFLA_VXLAN_LINK) vxlan.underlay_index = a.value<int>();
    if (a.type() == IFLA_VXLAN_LEARNING) vxlan.learning = a.value<std::uint8_t>() != 0;
  }
  return vxlan;
}

void read_info(const Attribute& info, state::Link& link) {
  const netlink::Attributes attrs = info.nested();
  if (const auto kind = attrs.find(IFLA_INFO_KIND)) link.kind = kind->string();
  if (const auto data = attrs.find(IFLA_INFO_DATA)) {
    if (link.kind == "vxlan") link.vxlan = read_vxlan(*data);
    if (link.kind == "bridge")
      if (const auto v = data->nested().find(IFLA_BR_VLAN_FILTERING))
        link.vlan_filtering = v->value<std::uint8_t>() != 0;
  }
  const auto slave = attrs.find(IFLA_INFO_SLAVE_KIND);
  if (const auto data = attrs.find(IFLA_INFO_SLAVE_DATA); data && slave && slave->string() == "bridge")
    link.port = read_port(*data);
}

}  // namespace

std::optional<state::Link> read_link(const netlink::Message& m) {
  const auto header = m.fixed<ifinfomsg>();
  if ((m.type() != RTM_NEWLINK && m.type() != RTM_DELLINK) || !header) return std::nullopt;
  if (header->ifi_family == AF_BRIDGE) return std::nullopt;  // a port's view of the same link
  state::Link link;
  link.index = header->ifi_index;
  link.up = (header->ifi_flags & IFF_UP) != 0;
  link.running = (header->ifi_flags & IFF_LOWER_UP) != 0;
  link.promisc = (header->ifi_flags & IFF_PROMISC) != 0;
  for (const auto& a : m.attributes<ifinfomsg>()) {
    switch (a.type()) {
      case IFLA_IFNAME:
        link.name = a.string();
        break;
      case IFLA_ADDRESS:
        link.mac = Mac::from_bytes(a.bytes()).value_or(Mac());
        break;
      case IFLA_MTU:
        link.mtu = a.value<std::uint32_t>();
        break;
      case IFLA_MASTER:
        link.master_index = a.value<int>();
        break;
      case IFLA_LINK:
        link.peer_index = a.value<int>();
        break;
      case IFLA_LINK_NETNSID:
        link.peer_netnsid = a.value<int>();
        break;
      case IFLA_IFALIAS:
        link.alias = a.string();
        break;
      case IFLA_LINKINFO:
        read_info(a, link);
        break;
      default:
        break;
    }
  }
  return link;
}

}  // namespace podwire::kernel::codec
