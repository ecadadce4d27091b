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
  w.attr_string(IFLA_IFNAME, name);
  if (mac) w.attr(IFLA_ADDRESS, mac->bytes());
  if (mtu != 0) w.attr(IFLA_MTU, mtu);
}

Writer new_link(bool up) {
  Writer w;
  w.begin_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO);
  w.fixed(header_of(0, up));
  return w;
}

}  // namespace

Result<std::unique_ptr<Rtnl>> open_rtnl(const NetNs& netns) {
  return std::make_unique<NetlinkRtnl>(TRY(netlink::Socket::open(netns, NETLINK_ROUTE)));
}

Result<std::vector<state::Link>> NetlinkRtnl::links() {
  Writer w;
  w.begin_message(RTM_GETLINK, 0);
  w.fixed(ifinfomsg{});
  w.end_message();
  std::vector<state::Link> out;
  TRY(socket_.dump(w, {"list", "links"}, [&](const auto& m) {
    if (auto link = codec::read_link(m)) out.push_back(std::move(*link));
  }));
  return out;
}

Result<state::Link> NetlinkRtnl::query_link(Writer& w, std::string_view object) {
  w.end_message();
  std::optional<state::Link> found;
  TRY(socket_.query(w, {"find link", object}, [&](const auto& m) {
    if (!found) found = codec::read_link(m);
  }));
  if (!found) return fail("find link", object, ENODEV);
  return std::move(*found);
}

Result<state::Link> NetlinkRtnl::link(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return fail("find link", name, ENODEV);
  Writer w;
  w.begin_message(RTM_GETLINK, 0);
  w.fixed(ifinfomsg{});
  w.attr_string(IFLA_IFNAME, name);
  return query_link(w, name);
}

Result<state::Link> NetlinkRtnl::link(int index) {
  if (index <= 0) return fail("find link", std::to_string(index), ENODEV);
  Writer w;
  w.begin_message(RTM_GETLINK, 0);
  w.fixed(header_of(index, false));
  return query_link(w, std::to_string(index));
}

Result<int> NetlinkRtnl::create(Writer& w, std::string_view kind, std::string_view name) {
  w.end_message();
  const std::string verb = "create " + std::string(kind);
  int index = 0;
  TRY(socket_.query(w, {verb, name}, [&](const auto& m) {
    if (const auto link = codec::read_link(m); link && link->name == name) index = link->index;
  }));
  if (index != 0) return index;
  return TRY(link(name)).index;  // a kernel that does not echo
}

Result<int> NetlinkRtnl::create_veth(const VethEnd& host, const VethEnd& peer, const NetNs& peer_netns) {
  TRY(check_name("create veth", host.name));
  TRY(check_name("create veth", peer.name));
  Writer w = new_link(host.up);
  put_identity(w, host.name, host.mac, host.mtu);
  if (host.master_index != 0) w.attr(IFLA_MASTER, host.master_index);
  if (!host.alias.empty()) w.attr_string(IFLA_IFALIAS, host.alias);
  {
    const auto info = w.nested(IFLA_LINKINFO);
    w.attr_string(IFLA_INFO_KIND, "veth");
    const auto data = w.nested(IFLA_INFO_DATA);
    const auto other = w.nested(VETH_INFO_PEER);
    w.fixed(header_of(0, peer.up));
    put_identity(w, peer.name, peer.mac, peer.mtu);
    w.attr(IFLA_NET_NS_FD, peer_netns.fd().raw());
  }
  return create(w, "veth pair", host.name);
}

Result<int> NetlinkRtnl::create_bridge(const BridgeSpec& spec) {
  TRY(check_name("create bridge", spec.name));
  Writer w = new_link(false);
  put_identity(w, spec.name, spec.mac, spec.mtu);
  {
    const auto info = w.nested(IFLA_LINKINFO);
    w.attr_string(IFLA_INFO_KIND, "bridge");
    if (spec.vlan_filtering) {
      const auto data = w.nested(IFLA_INFO_DATA);
      w.attr(IFLA_BR_VLAN_FILTERING, std::uint8_t{1});
    }
  }
  return create(w, "bridge", spec.name);
}

Result<int> NetlinkRtnl::create_vxlan(const VxlanSpec& spec) {
  TRY(check_name("create vxlan", spec.name));
  Writer w = new_link(false);
  put_identity(w, spec.name, spec.mac, spec.mtu);
  {
    const auto info = w.nested(IFLA_LINKINFO);
    w.attr_string(IFLA_INFO_KIND, "vxlan");
    const auto data = w.nested(IFLA_INFO_DATA);
    w.attr(IFLA_VXLAN_ID, spec.vxlan.vni);
    w.attr(IFLA_VXLAN_PORT, __builtin_bswap16(spec.vxlan.port));
    if (spec.vxlan.local)
      w.attr(spec.vxlan.local->is_v4() ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, spec.vxlan.local->bytes());
    if (spec.vxlan.underlay_index != 0) w.attr(IFLA_VXLAN_LINK, spec.vxlan.underlay_index);
    w.attr(IFLA_VXLAN_LEARNING, static_cast<std::uint8_t>(spec.vxlan.learning ? 1 : 0));
  }
  return create(w, "vxlan", spec.name);
}

Result<int> NetlinkRtnl::create_plain(std::string_view kind, std::string_view name) {
  TRY(check_name("create link", name));
  Writer w = new_link(false);
  put_identity(w, name, {}, 0);
  {
    const auto info = w.nested(IFLA_LINKINFO);
    w.attr_string(IFLA_INFO_KIND, kind);
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
  w.begin_message(RTM_NEWLINK, 0);
  ifinfomsg h = header_of(index, change.up.value_or(false), change.up ? static_cast<unsigned>(IFF_UP) : 0U);
  if (change.promisc) {
    h.ifi_change |= IFF_PROMISC;
    if (*change.promisc) h.ifi_flags |= IFF_PROMISC;
  }
  w.fixed(h);
  if (change.name) w.attr_string(IFLA_IFNAME, *change.name);
  if (change.mac) w.attr(IFLA_ADDRESS, change.mac->bytes());
  if (change.mtu) w.attr(IFLA_MTU, *change.mtu);
  if (change.master_index) w.attr(IFLA_MASTER, *change.master_index);
  if (change.alias) w.attr_string(IFLA_IFALIAS, *change.alias);
  w.end_message();
  const std::string object = std::to_string(index);
  return socket_.execute(w, {"change link", object});
}

/// A bridge port's own settings: the same kind of message in family AF_BRIDGE.
Result<> NetlinkRtnl::change_port(int index, const LinkChange& change) {
  if (!change.hairpin && !change.isolated && !change.learning) return {};
  Writer p;
  p.begin_message(RTM_SETLINK, 0);
  ifinfomsg port = header_of(index, false);
  port.ifi_family = AF_BRIDGE;
  p.fixed(port);
  {
    const auto info = p.nested(IFLA_PROTINFO);
    const auto put = [&](std::uint16_t type, const std::optional<bool>& v) {
      if (v) p.attr(type, static_cast<std::uint8_t>(*v ? 1 : 0));
    };
    put(IFLA_BRPORT_MODE, change.hairpin);
    put(IFLA_BRPORT_ISOLATED, change.isolated);
    put(IFLA_BRPORT_LEARNING, change.learning);
  }
  p.end_message();
  const std::string object = std::to_string(index);
  return socket_.execute(p, {"change bridge port", object});
}

Result<> NetlinkRtnl::move_link(int index, const NetNs& to) {
  Writer w;
  w.begin_message(RTM_NEWLINK, 0);
  w.fixed(header_of(index, false));
  w.attr(IFLA_NET_NS_FD, to.fd().raw());
  w.end_message();
  const std::string object = std::to_string(index) + " to " + to.name();
  return socket_.execute(w, {"move link", object});
}

Result<> NetlinkRtnl::delete_link(int index) {
  Writer w;
  w.begin_message(RTM_DELLINK, 0);
  w.fixed(header_of(index, false));
  w.end_message();
  const std::string object = std::to_string(index);
  return socket_.execute(w, {"delete link", object});
}

}  // namespace podwire::kernel
