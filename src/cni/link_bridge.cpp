#include "base/file.h"
#include "cni/link.h"
#include "kernel/rtnl/bridge.h"

namespace podwire::cni {
namespace {

/// The gateway of each address: what IPAM says, else the subnet's first address (as the CNI project's bridge
/// does).
std::vector<IpConfig> with_gateways(const std::vector<IpConfig>& ips, const LinkConf& link) {
  std::vector<IpConfig> out = ips;
  for (auto& ip : out)
    if (!ip.gateway && link.is_gateway)
      ip.gateway = IpAddr::from_value(ip.address.family(), ip.address.first().value() + 1);
  return out;
}

CniResult<state::Link> make_switch(const LinkRequest& r, const std::vector<IpConfig>& ips) {
  const LinkConf& link = r.call.conf.link;
  kernel::BridgeWanted wanted{.spec = {.name = link.bridge, .mtu = link.mtu},
                              .gateways = {},
                              .replace_addresses = link.force_address,
                              .promisc = link.promisc};
  // Pinned, and its own on each host: a bridge without an address of its own changes it with its ports.
  wanted.spec.mac =
      Mac::derived_from("bridge\n" + link.bridge + "\n" + TRY(as_cni(boot_id(), Code::io_failure)));
  if (link.is_gateway)
    for (const auto& ip : ips)
      if (ip.gateway) wanted.gateways.emplace_back(*ip.gateway, ip.address.length());
  return as_cni(kernel::ensure_bridge(r.rtnl, r.sysctl, wanted));
}

}  // namespace

CniResult<MadeLink> make_bridge_link(const LinkRequest& r) {
  const LinkConf& link = r.call.conf.link;
  MadeLink made;
  made.ips = with_gateways(r.leases.ips, link);
  const auto bridge = TRY(make_switch(r, made.ips));
  made.interfaces.resize(3);
  made.interfaces[0] = {.name = bridge.name, .mac = bridge.mac.str(), .sandbox = "", .mtu = bridge.mtu};
  made.container_interface = 2;
  made.host_device = {bridge.name, bridge.index};
  if (link.is_gateway) TRY(enable_forwarding(r.sysctl, made.ips));

  const auto inside = TRY(make_veth(r, link.mtu, bridge.index, made.interfaces[1], made.interfaces[2]));
  made.host_link_index = inside.peer_index;
  if (link.hairpin || link.port_isolation) {
    kernel::LinkChange port;
    if (link.hairpin) port.hairpin = true;
    if (link.port_isolation) port.isolated = true;
    TRY(as_cni(r.rtnl.change_link(inside.peer_index, port)));
  }
  if (!link.container_interface) return made;
  TRY(prepare_container(r, made.ips));
  made.routes = r.leases.routes;
  for (auto& ip : made.ips) {
    ip.interface = made.container_interface;
    TRY(add_container_address(r, inside.index, ip.address));
    if (link.is_default_gateway && ip.gateway)
      made.routes.push_back({.dst = Cidr::everything(ip.address.family()), .gateway = ip.gateway});
  }
  for (const auto& route : made.routes) {
    auto gateway = route.gateway;
    for (const auto& ip : made.ips)
      if (!gateway && ip.gateway && ip.address.family() == route.dst.family()) gateway = ip.gateway;
    TRY(add_container_route(r, inside.index, route, gateway));
  }
  return made;
}

}  // namespace podwire::cni
