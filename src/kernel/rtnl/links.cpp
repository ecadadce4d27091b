#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include <cerrno>

#include "kernel/rtnl/codec.h"
#include "kernel/rtnl/netlink_rtnl.h"
#include "kernel/rtnl/open.h"

namespace podwire::kernel {
namespace {
using netlink::Writer;

constexpr std::size_t kLongestName = IFNAMSIZ - 1;

Result<> check_name(std::string_view verb, std::string_view name) {
  if (name.empty() || name.size() > kLongestName)
    return fail(verb, name, EINVAL, "a link's name has 1 to 15 characters");
  return {};
}

ifinfomsg header_of(int index, bool up, unsigned change = 0) {
  ifinfomsg h{};
  h.ifi_family = AF_UNSPEC;
  h.ifi_index = index;
  h.ifi_flags = up ? IFF_UP : 0;
  h.ifi_change = up ? IFF_UP : change;
  return h;
}

void put_identity(Writer& w, std::string_view name, const std::optional<Mac>& mac, std::uint32_t mtu) {
  w.put_string(IFLA_IFNAME, name);
  if (mac) w.put_bytes(IFLA_ADDRESS, mac->bytes());
  if (mtu != 0) w.put(IFLA_MTU, mtu);
}

Writer new_link(bool up) {
  Writer w;
  w.message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO, header_of(0, up));
  return w;
}

}  // namespace

Result<std::unique_ptr<Rtnl>> open_rtnl(const NetNs& netns) {
  return std::make_unique<NetlinkRtnl>(TRY(netlink::Socket::open(NETLINK_ROUTE, netns)));
}

Result<std::vector<state::Link>> NetlinkRtnl::links() {
  Writer w;
  w.message(RTM_GETLINK, 0, ifinfomsg{});
  return netlink::named(socket_.dump(w, codec::read_link), "list", [] { return "links"; });
}

Result<state::Link> NetlinkRtnl::query_link(Writer& w, std::string_view object) {
  auto found = socket_.ask(w, [](const netlink::Message& m) -> Result<state::Link> {
    if (auto link = codec::read_link(m)) return std::move(*link);
    return fail("", "", ENODEV);
  });
  return netlink::named(std::move(found), "find link", [&] { return object; });
}

Result<state::Link> NetlinkRtnl::link(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return fail("find link", name, ENODEV);
  Writer w;
  w.message(RTM_GETLINK, 0, ifinfomsg{});
  w.put_string(IFLA_IFNAME, name);
  return query_link(w, name);
}

Result<state::Link> NetlinkRtnl::link(int index) {
  if (index <= 0) return fail("find link", std::to_string(index), ENODEV);
  Writer w;
  w.message(RTM_GETLINK, 0, header_of(index, false));
  return query_link(w, std::to_string(index));
}

Result<int> NetlinkRtnl::create(Writer& w, std::string_view kind, std::string_view name) {
  int index = 0;
  auto made = socket_.request(w, [&](const netlink::Message& m) {
    if (const auto link = codec::read_link(m); link && link->name == name) index = link->index;
  });
  if (!made)
    return std::unexpected(Error{"create " + std::string(kind), std::string(name), made.error().sys_errno,
                                 std::move(made.error().detail)});
  if (index != 0) return index;
  return TRY(link(name)).index;  // a kernel that does not echo
}

Result<int> NetlinkRtnl::create_veth(const VethEnd& host, const VethEnd& peer, const NetNs& peer_netns) {
  TRY(check_name("create veth", host.name));
  TRY(check_name("create veth", peer.name));
  Writer w = new_link(host.up);
  put_identity(w, host.name, host.mac, host.mtu);
  if (host.master_index != 0) w.put(IFLA_MASTER, host.master_index);
  {
    const auto info = w.nest(IFLA_LINKINFO);
    w.put_string(IFLA_INFO_KIND, "veth");
    const auto data = w.nest(IFLA_INFO_DATA);
    const auto other = w.nest(VETH_INFO_PEER);
    w.append(header_of(0, false));
    put_identity(w, peer.name, peer.mac, peer.mtu);
    w.put(IFLA_NET_NS_FD, peer_netns.fd().raw());
  }
  return create(w, "veth pair", host.name);
}

Result<int> NetlinkRtnl::create_bridge(const BridgeSpec& spec) {
  TRY(check_name("create bridge", spec.name));
  Writer w = new_link(false);
  put_identity(w, spec.name, spec.mac, spec.mtu);
  {
    const auto info = w.nest(IFLA_LINKINFO);
    w.put_string(IFLA_INFO_KIND, "bridge");
    if (spec.vlan_filtering) {
      const auto data = w.nest(IFLA_INFO_DATA);
      w.put(IFLA_BR_VLAN_FILTERING, std::uint8_t{1});
    }
  }
  return create(w, "bridge", spec.name);
}

Result<int> NetlinkRtnl::create_vxlan(const VxlanSpec& spec) {
  TRY(check_name("create vxlan", spec.name));
  Writer w = new_link(false);
  put_identity(w, spec.name, spec.mac, spec.mtu);
  {
    const auto info = w.nest(IFLA_LINKINFO);
    w.put_string(IFLA_INFO_KIND, "vxlan");
    const auto data = w.nest(IFLA_INFO_DATA);
    w.put(IFLA_VXLAN_ID, spec.vxlan.vni);
    w.put_be(IFLA_VXLAN_PORT, spec.vxlan.port);
    if (spec.vxlan.local)
      w.put_bytes(spec.vxlan.local->is_v4() ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6,
                  spec.vxlan.local->bytes());
    if (spec.vxlan.underlay_index != 0) w.put(IFLA_VXLAN_LINK, spec.vxlan.underlay_index);
    w.put(IFLA_VXLAN_LEARNING, static_cast<std::uint8_t>(spec.vxlan.learning ? 1 : 0));
  }
  return create(w, "vxlan", spec.name);
}

Result<int> NetlinkRtnl::create_plain(std::string_view kind, std::string_view name) {
  TRY(check_name("create link", name));
  Writer w = new_link(false);
  put_identity(w, name, {}, 0);
  {
    const auto info = w.nest(IFLA_LINKINFO);
    w.put_string(IFLA_INFO_KIND, kind);
  }
  return create(w, kind, name);
}

Result<> NetlinkRtnl::change_link(int index, const LinkChange& change) {
  TRY(change_device(index, change));
  return change_port(index, change);
}

Result<> NetlinkRtnl::change_device(int index, const LinkChange& change) {
  if (!change.name && !change.up && !change.mac && !change.mtu && !change.master_index && !change.promisc &&
      !change.alias)
    return {};
  Writer w;
  ifinfomsg h = header_of(index, change.up.value_or(false), change.up ? static_cast<unsigned>(IFF_UP) : 0U);
  if (change.promisc) {
    h.ifi_change |= IFF_PROMISC;
    if (*change.promisc) h.ifi_flags |= IFF_PROMISC;
  }
  w.message(RTM_NEWLINK, 0, h);
  if (change.name) w.put_string(IFLA_IFNAME, *change.name);
  if (change.mac) w.put_bytes(IFLA_ADDRESS, change.mac->bytes());
  if (change.mtu) w.put(IFLA_MTU, *change.mtu);
  if (change.master_index) w.put(IFLA_MASTER, *change.master_index);
  if (change.alias) w.put_string(IFLA_IFALIAS, *change.alias);
  return netlink::named(socket_.request(w), "change link", [&] { return std::to_string(index); });
}

/// A bridge port's own settings: the same kind of message in family AF_BRIDGE.
Result<> NetlinkRtnl::change_port(int index, const LinkChange& change) {
  if (!change.hairpin && !change.isolated && !change.learning) return {};
  Writer p;
  ifinfomsg port = header_of(index, false);
  port.ifi_family = AF_BRIDGE;
  p.message(RTM_SETLINK, 0, port);
  {
    const auto info = p.nest(IFLA_PROTINFO);
    const auto put = [&](std::uint16_t type, const std::optional<bool>& v) {
      if (v) p.put(type, static_cast<std::uint8_t>(*v ? 1 : 0));
    };
    put(IFLA_BRPORT_MODE, change.hairpin);
    put(IFLA_BRPORT_ISOLATED, change.isolated);
    put(IFLA_BRPORT_LEARNING, change.learning);
  }
  return netlink::named(socket_.request(p), "change bridge port", [&] { return std::to_string(index); });
}

Result<> NetlinkRtnl::move_link(int index, const NetNs& to) {
  Writer w;
  w.message(RTM_NEWLINK, 0, header_of(index, false));
  w.put(IFLA_NET_NS_FD, to.fd().raw());
  return netlink::named(socket_.request(w), "move link",
                        [&] { return std::to_string(index) + " to " + to.name(); });
}

Result<> NetlinkRtnl::delete_link(int index) {
  Writer w;
  w.message(RTM_DELLINK, 0, header_of(index, false));
  return netlink::named(socket_.request(w), "delete link", [&] { return std::to_string(index); });
}

}  // namespace podwire::kernel
