#include "cni/link.h"

namespace podwire::cni {
namespace {

/// Never seen on any wire: both are link-local, and the container learns their MAC from a permanent entry.
IpAddr gateway_for(Family f) {
  return f == Family::v4 ? IpAddr::from_value(Family::v4, 0xa9fe0101)  // 169.254.1.1
                         : IpAddr::from_value(Family::v6, (u128{0xfe80} << 112) | 1);
}

CniResult<> wire_family(const LinkRequest& r, int inside, int outside, const Mac& host_mac,
                        const IpAddr& addr) {
  const IpAddr gateway = gateway_for(addr.family());
  TRY(add_container_address(r, inside, Cidr::host(addr)));
  TRY(as_cni(r.container_rtnl.set_neighbour({.link_index = inside, .addr = gateway, .mac = host_mac})));
  if (addr.is_v6()) {
    // The host's end needs a link-local source at once to ask for the container's MAC; its own is still
    // tentative.
    TRY(as_cni(r.rtnl.add_address(
        {.link_index = outside, .cidr = Cidr(gateway, 64), .scope = state::Scope::link, .no_dad = true},
        kernel::Existing::replace)));
  }
  return as_cni(r.rtnl.add_route({.dst = Cidr::host(addr),
                                  .link_index = outside,
                                  .scope = addr.is_v4() ? state::Scope::link : state::Scope::global},
                                 kernel::Existing::replace));
}

}  // namespace

CniResult<MadeLink> make_routed_link(const LinkRequest& r) {
  MadeLink made;
  made.interfaces.resize(2);
  made.container_interface = 1;
  const auto inside = TRY(make_veth(r, r.call.conf.link.mtu, 0, made.interfaces[0], made.interfaces[1]));
  made.host_link_index = inside.peer_index;
  made.host_device = {made.interfaces[0].name, made.host_link_index};
  TRY(prepare_container(r, r.leases.ips));
  TRY(enable_forwarding(r.sysctl, r.leases.ips));

  const Mac host_mac = TRY(as_cni(Mac::parse(made.interfaces[0].mac)));
  std::vector<Family> families;
  for (const auto& ip : r.leases.ips) {
    const IpAddr addr = ip.address.addr();
    TRY(wire_family(r, inside.index, inside.peer_index, host_mac, addr));
    made.ips.push_back({.address = Cidr::host(addr), .gateway = gateway_for(addr.family()), .interface = 1});
    families.push_back(addr.family());
  }
  made.routes = r.leases.routes;
  if (made.routes.empty())  // all goes by the host: a routed container without a default route reaches nobody
    for (const Family f : families) made.routes.push_back({.dst = Cidr::everything(f)});
  for (auto& route : made.routes) {
    route.gateway = gateway_for(route.dst.family());
    TRY(add_container_route(r, inside.index, route, route.gateway));
  }
  return made;
}

}  // namespace podwire::cni
