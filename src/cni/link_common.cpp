#include <cerrno>

#include "cni/link.h"
#include "cni/teardown.h"

namespace podwire::cni {
namespace {

/// A container that gets an address again keeps the MAC that went with it, so that nobody's ARP cache is
/// stale.
Mac mac_of_container(const LinkRequest& r) {
  if (r.call.conf.mac) return *r.call.conf.mac;
  std::string name = r.call.conf.name;
  if (r.leases.ips.empty())
    name += "\n" + r.names.host_link;
  else
    name += "\n" + r.leases.ips.front().address.addr().str();
  return Mac::derived_from(name);
}

}  // namespace

CniResult<state::Link> make_veth(const LinkRequest& r, std::uint32_t mtu, int master_index,
                                 Interface& host_end, Interface& container_end) {
  const auto& inv = r.call.invocation;
  const kernel::VethEnd host{.name = r.names.host_link,
                             .mac = Mac::derived_from("host\n" + r.names.comment),
                             .mtu = mtu,
                             .master_index = master_index};
  const kernel::VethEnd peer{.name = inv.ifname, .mac = mac_of_container(r), .mtu = mtu};
  auto index = r.rtnl.create_veth(host, peer, r.container);
  if (!index && index.error().sys_errno == EEXIST) {
    if (r.container_rtnl.link(inv.ifname))
      return refuse(Code::interface_exists,
                    "CNI_IFNAME: \"" + inv.ifname + "\" exists in " + inv.netns + " already");
    TRY(as_cni(delete_link_if_there(r.rtnl, host.name)));
    index = r.rtnl.create_veth(host, peer, r.container);
  }
  if (!index) return refuse(Code::kernel_refused, index.error().message());
  auto inside = TRY(as_cni(r.container_rtnl.link(inv.ifname)));
  if (r.call.conf.link.container_interface)
    TRY(as_cni(r.container_rtnl.change_link(inside.index, {.up = true})));
  host_end = {.name = host.name, .mac = host.mac->str(), .sandbox = "", .mtu = inside.mtu};
  container_end = {.name = inv.ifname, .mac = inside.mac.str(), .sandbox = inv.netns, .mtu = inside.mtu};
  inside.peer_index = *index;
  return inside;
}

CniResult<> prepare_container(const LinkRequest& r, const std::vector<IpConfig>& ips) {
  const auto lo = TRY(as_cni(r.container_rtnl.link("lo")));
  if (!lo.up) TRY(as_cni(r.container_rtnl.change_link(lo.index, {.up = true})));
  for (const auto& ip : ips) {
    if (!ip.address.addr().is_v6()) continue;
    const auto sysctl = TRY(as_cni(r.call.host.sysctl(r.container)));
    // ENOENT: a kernel without IPv6; adding the address will say so better.
    for (const std::string& where : {std::string("all"), r.call.invocation.ifname})
      if (auto on = sysctl->ensure("net/ipv6/conf/" + where + "/disable_ipv6", "0");
          !on && on.error().sys_errno != ENOENT)
        return refuse(Code::kernel_refused, on.error().message());
    break;
  }
  return {};
}

CniResult<> enable_forwarding(kernel::Sysctl& sysctl, const std::vector<IpConfig>& ips) {
  for (const auto& ip : ips)
    TRY(as_cni(sysctl.ensure(
        ip.address.addr().is_v4() ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding", "1")));
  return {};
}

CniResult<> add_container_address(const LinkRequest& r, int link_index, const Cidr& cidr) {
  return as_cni(
      r.container_rtnl.add_address({.link_index = link_index,
                                    .cidr = cidr,
                                    .no_dad = cidr.addr().is_v6() && !r.call.conf.link.enable_dad}));
}

CniResult<> add_container_route(const LinkRequest& r, int link_index, const ResultRoute& route,
                                const std::optional<IpAddr>& gateway) {
  state::Route out{.dst = route.dst.network(),
                   .gateway = gateway,
                   .link_index = link_index,
                   .table = route.table.value_or(254),
                   .protocol = state::RouteProtocol::boot,
                   .scope = static_cast<state::Scope>(
                       route.scope.value_or(gateway || route.dst.addr().is_v6() ? 0U : 253U)),
                   .metric = route.priority.value_or(0),
                   .onlink = gateway && (r.call.conf.link.kind == LinkKind::routed),
                   .mtu = route.mtu.value_or(0),
                   .advmss = route.advmss.value_or(0)};
  auto added = r.container_rtnl.add_route(out);
  // Two address ranges may both ask for the same default route; the first one has it.
  if (!added && added.error().sys_errno == EEXIST) return {};
  return as_cni(std::move(added));
}

}  // namespace podwire::cni
