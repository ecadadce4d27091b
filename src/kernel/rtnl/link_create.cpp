#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "kernel/rtnl/kernel_rtnl.h"
#include "kernel/rtnl/link_codec.h"

namespace podwire::kernel {
namespace {

using netlink::Message;
using netlink::named;
using netlink::Writer;

constexpr std::uint16_t kCreate = NLM_F_CREATE | NLM_F_EXCL;

ifinfomsg header_of(bool up) {
  if (!up) return {};
  return {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
}

NewLink new_link_of(const VethEnd& end) { return {.name = end.name, .mac = end.mac, .mtu = end.mtu}; }

}  // namespace

Result<int> KernelRtnl::create_link(Writer& message, std::string_view name) {
  TRY(refuse_template(name));
  int index = 0;
  message.add_flags(NLM_F_ECHO);
  TRY(socket_.request(message, [&](const Message& m) {
    const auto made = m.attributes<ifinfomsg>().find(IFLA_IFNAME);
    if (m.type() == RTM_NEWLINK && made && made->string() == name) index = m.fixed<ifinfomsg>()->ifi_index;
  }));
  if (index != 0) return index;
  return TRY(link(name)).index;  // Linux before 6.2 does not echo links
}

Result<int> KernelRtnl::create_veth(const VethEnd& host, const VethEnd& peer, const NetNs& peer_netns) {
  TRY(named(refuse_template(peer.name), "create veth", [&] { return fmt::format("peer {}", peer.name); }));
  Writer w;
  w.message(RTM_NEWLINK, kCreate, header_of(host.up));
  put_new_link(w, new_link_of(host));
  if (host.master_index != 0) w.put(IFLA_MASTER, host.master_index);
  {
    const auto info = w.nest(IFLA_LINKINFO);
    w.put_string(IFLA_INFO_KIND, "veth");
    const auto data = w.nest(IFLA_INFO_DATA);
    const auto other_end = w.nest(VETH_INFO_PEER);
    w.append(header_of(false));  // made first, it has no other end yet: the kernel would refuse to set it up
    put_new_link(w, new_link_of(peer));
    w.put(IFLA_NET_NS_FD, peer_netns.fd().raw());
  }
  auto index = named(create_link(w, host.name), "create veth", [&] {
    return fmt::format("{} with peer {} in {}", host.name, peer.name, peer_netns.name());
  });
  if (!index && index.error().sys_errno == EEXIST && index.error().detail.empty()) {
    index.error().detail = link(host.name).has_value()
                               ? fmt::format("there is a link named {} already", host.name)
                               : fmt::format("{} has a link named {} already", peer_netns.name(), peer.name);
  }
  return index;
}

Result<int> KernelRtnl::create_bridge(const BridgeSpec& spec) {
  Writer w;
  w.message(RTM_NEWLINK, kCreate, ifinfomsg{});
  put_new_link(w, {.name = spec.name, .mac = spec.mac});
  {
    const auto info = w.nest(IFLA_LINKINFO);
    w.put_string(IFLA_INFO_KIND, "bridge");
    if (spec.vlan_filtering) {  // asked for only when wanted: kernels without it refuse even a 0
      const auto data = w.nest(IFLA_INFO_DATA);
      w.put(IFLA_BR_VLAN_FILTERING, std::uint8_t{1});
    }
  }
  auto index = named(create_link(w, spec.name), "create bridge", [&] { return spec.name; });
  if (!index || spec.mtu == 0) return index;
  // An MTU that is set later counts as the user's; one from the start would follow the ports'.
  if (auto pinned = change_link(*index, {.mtu = spec.mtu}); !pinned) {
    (void)delete_link(*index);
    return std::unexpected(pinned.error());
  }
  return index;
}

Result<int> KernelRtnl::create_vxlan(const VxlanSpec& spec) {
  Writer w;
  w.message(RTM_NEWLINK, kCreate, ifinfomsg{});
  put_new_link(w, {.name = spec.name, .mac = spec.mac, .mtu = spec.mtu});
  {
    const auto info = w.nest(IFLA_LINKINFO);
    w.put_string(IFLA_INFO_KIND, "vxlan");
    const auto data = w.nest(IFLA_INFO_DATA);
    put_vxlan(w, spec.vxlan);
  }
  return named(create_link(w, spec.name), "create vxlan", [&] {
    return fmt::format("{} (VNI {}, UDP port {})", spec.name, spec.vxlan.vni, spec.vxlan.port);
  });
}

Result<int> KernelRtnl::create_plain(std::string_view kind, std::string_view name) {
  Writer w;
  w.message(RTM_NEWLINK, kCreate, ifinfomsg{});
  put_new_link(w, {.name = name});
  {
    const auto info = w.nest(IFLA_LINKINFO);
    w.put_string(IFLA_INFO_KIND, kind);
  }
  return named(create_link(w, name), "create link", [&] { return fmt::format("{} ({})", name, kind); });
}

}  // namespace podwire::kernel
