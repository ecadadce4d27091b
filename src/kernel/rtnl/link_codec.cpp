#include "kernel/rtnl/link_codec.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace podwire::kernel {
namespace {

using netlink::Attribute;
using netlink::Attributes;
using netlink::Writer;

bool flag(const Attribute& a) { return a.value<std::uint8_t>() != 0; }

state::Vxlan decode_vxlan(Attributes data) {
  state::Vxlan out;
  for (const Attribute& a : data) {
    switch (a.type()) {
      case IFLA_VXLAN_ID:
        out.vni = a.value<std::uint32_t>();
        break;
      case IFLA_VXLAN_PORT:
        out.port = a.value_be<std::uint16_t>();
        break;
      case IFLA_VXLAN_LOCAL:
      case IFLA_VXLAN_LOCAL6:
        out.local = IpAddr::from_bytes(a.bytes());
        break;
      case IFLA_VXLAN_LINK:
        out.underlay_index = a.value<int>();
        break;
      case IFLA_VXLAN_LEARNING:
        out.learning = flag(a);
        break;
      default:
        break;
    }
  }
  return out;
}

state::BridgePort decode_port(Attributes data) {
  state::BridgePort out;
  for (const Attribute& a : data) {
    switch (a.type()) {
      case IFLA_BRPORT_MODE:
        out.hairpin = flag(a);
        break;
      case IFLA_BRPORT_ISOLATED:
        out.isolated = flag(a);
        break;
      case IFLA_BRPORT_LEARNING:
        out.learning = flag(a);
        break;
      case IFLA_BRPORT_UNICAST_FLOOD:
        out.unicast_flood = flag(a);
        break;
      default:
        break;
    }
  }
  return out;
}

void decode_info(Attributes info, state::Link& link) {
  Attributes data, slave_data;
  std::string_view slave_kind;
  for (const Attribute& a : info) {
    switch (a.type()) {
      case IFLA_INFO_KIND:
        link.kind = a.string();
        break;
      case IFLA_INFO_DATA:
        data = a.nested();
        break;
      case IFLA_INFO_SLAVE_KIND:
        slave_kind = a.string();
        break;
      case IFLA_INFO_SLAVE_DATA:
        slave_data = a.nested();
        break;
      default:
        break;
    }
  }
  if (link.kind == "vxlan") link.vxlan = decode_vxlan(data);
  if (link.kind == "bridge") {
    if (const auto filtering = data.find(IFLA_BR_VLAN_FILTERING)) link.vlan_filtering = flag(*filtering);
  }
  if (slave_kind == "bridge") link.port = decode_port(slave_data);
}

}  // namespace

std::optional<state::Link> decode_link(const netlink::Message& message) {
  const auto header = message.fixed<ifinfomsg>();
  if (!header || header->ifi_family == AF_BRIDGE) return std::nullopt;
  state::Link link{.index = header->ifi_index,
                   .up = (header->ifi_flags & IFF_UP) != 0,
                   .running = (header->ifi_flags & IFF_LOWER_UP) != 0,
                   .promisc = (header->ifi_flags & IFF_PROMISC) != 0};
  int below = 0;
  for (const Attribute& a : message.attributes<ifinfomsg>()) {
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
        below = a.value<int>();
        break;
      case IFLA_LINK_NETNSID:
        link.peer_netnsid = a.value<int>(-1);
        break;
      case IFLA_IFALIAS:
        link.alias = a.string();
        break;
      case IFLA_LINKINFO:
        decode_info(a.nested(), link);
        break;
      default:
        break;
    }
  }
  if (link.kind == "veth")  // of other kinds it is the device that they stand on
    link.peer_index = below;
  else
    link.peer_netnsid = -1;
  return link;
}

Result<> refuse_template(std::string_view name) {
  if (!name.contains('%')) return {};
  return fail("name link", name, EINVAL, "the kernel would read it as a template");
}

void put_new_link(Writer& w, const NewLink& link) {
  w.put_string(IFLA_IFNAME, link.name);
  if (link.mac) w.put_bytes(IFLA_ADDRESS, link.mac->bytes());
  if (link.mtu != 0) w.put(IFLA_MTU, link.mtu);
}

void put_vxlan(Writer& w, const state::Vxlan& vxlan) {
  w.put(IFLA_VXLAN_ID, vxlan.vni);
  w.put_be(IFLA_VXLAN_PORT, vxlan.port);
  w.put(IFLA_VXLAN_LEARNING, std::uint8_t{vxlan.learning});
  if (vxlan.local)
    w.put_bytes(vxlan.local->is_v4() ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, vxlan.local->bytes());
  if (vxlan.underlay_index != 0) w.put(IFLA_VXLAN_LINK, vxlan.underlay_index);
}

void put_bridge_port(Writer& w, const LinkChange& change) {
  const auto info = w.nest(IFLA_LINKINFO);
  w.put_string(IFLA_INFO_SLAVE_KIND, "bridge");
  const auto data = w.nest(IFLA_INFO_SLAVE_DATA);
  const auto put = [&w](std::uint16_t type, std::optional<bool> value) {
    if (value) w.put(type, std::uint8_t{*value});
  };
  put(IFLA_BRPORT_MODE, change.hairpin);
  put(IFLA_BRPORT_ISOLATED, change.isolated);
  put(IFLA_BRPORT_LEARNING, change.learning);
}

}  // namespace podwire::kernel
