#include "tests/bench/net/paths.h"

#include <fmt/format.h>

#include "kernel/host.h"

namespace podwire::bench {
namespace {

using kernel::NetNs;
using kernel::Rtnl;

IpAddr ip(Family family, const char* v4, const char* v6) {
  return IpAddr::parse(family == Family::v4 ? v4 : v6).value_or(IpAddr());
}

Result<std::unique_ptr<Rtnl>> open(const NetNs& netns) {
  auto rtnl = TRY(kernel::real_host().rtnl(netns));
  TRY(rtnl->change_link(TRY(rtnl->link("lo")).index, {.up = true}));
  return rtnl;
}

/// A node's or the wire's: forwards. An address is in use at once, without a second of asking who else has
/// it.
Result<> prepare(const NetNs& node) {
  const auto sysctl = TRY(kernel::real_host().sysctl(node));
  TRY(sysctl->ensure("net/ipv6/conf/default/accept_dad", "0"));
  TRY(sysctl->ensure("net/ipv4/ip_forward", "1"));
  return sysctl->ensure("net/ipv6/conf/all/forwarding", "1");
}

/// A pod behind a routed veth, as podwire-cni makes it: an address of its own, the way out by a gateway that
/// is only a neighbour.
Result<> plug_pod(const NetNs& node, const NetNs& pod, const std::string& name, const IpAddr& address,
                  const IpAddr& gateway) {
  const auto outside = TRY(open(node)), inside = TRY(open(pod));
  const int host_end = TRY(outside->create_veth({.name = name}, {.name = "eth0"}, pod));
  const auto eth0 = TRY(inside->link("eth0"));
  TRY(inside->change_link(eth0.index, {.up = true}));
  TRY(inside->add_address({.link_index = eth0.index, .cidr = Cidr::host(address), .no_dad = true}));
  const auto mac = TRY(outside->link(host_end)).mac;
  TRY(inside->set_neighbour({.link_index = eth0.index, .addr = gateway, .mac = mac}));
  TRY(inside->add_route({.dst = Cidr::everything(address.family()),
                         .gateway = gateway,
                         .link_index = eth0.index,
                         .onlink = true}));
  TRY(outside->set_neighbour({.link_index = host_end, .addr = address, .mac = eth0.mac}));
  return outside->add_route(
      {.dst = Cidr::host(address), .link_index = host_end, .scope = state::Scope::link});
}

/// Of the interface that has the address.
Mac mac_of(const IpAddr& address) { return Mac::derived_from(address.str()); }

/// eth0 of a node on the wire.
Result<> plug_node(Rtnl& wire, int bridge, const NetNs& node, const std::string& port,
                   const IpAddr& address) {
  TRY(wire.create_veth({.name = port, .master_index = bridge}, {.name = "eth0", .mac = mac_of(address)},
                       node));
  const auto inside = TRY(open(node));
  const auto eth0 = TRY(inside->link("eth0"));
  TRY(inside->change_link(eth0.index, {.up = true}));
  return inside->add_address(
      {.link_index = eth0.index, .cidr = Cidr(address, address.is_v4() ? 24 : 64), .no_dad = true});
}

struct Side {
  IpAddr node, pod;
  Mac vtep;
};

/// From one node to the other's pod.
Result<> lead(const NetNs& node, const Side& own, const Side& other, bool vxlan) {
  const auto rtnl = TRY(open(node));
  const auto eth0 = TRY(rtnl->link("eth0"));
  // Nobody has to be asked for: IPv6 would first wait until its own addresses are known to be its alone.
  TRY(rtnl->set_neighbour({.link_index = eth0.index, .addr = other.node, .mac = mac_of(other.node)}));
  if (!vxlan)
    return rtnl->add_route({.dst = Cidr::host(other.pod), .gateway = other.node, .link_index = eth0.index});
  const auto overhead = own.node.is_v4() ? 50U : 70U;
  const int tunnel = TRY(rtnl->create_vxlan({.name = "vxlan0",
                                             .vxlan = {.local = own.node, .underlay_index = eth0.index},
                                             .mac = own.vtep,
                                             .mtu = 1500 - overhead}));
  TRY(rtnl->change_link(tunnel, {.up = true}));
  const auto hop = Cidr(other.pod, other.pod.is_v4() ? 24 : 64).first();
  TRY(rtnl->set_neighbour({.link_index = tunnel, .addr = hop, .mac = other.vtep}));
  TRY(rtnl->set_fdb({.link_index = tunnel, .mac = other.vtep, .remote = other.node, .self = true}));
  return rtnl->add_route(
      {.dst = Cidr::host(other.pod), .gateway = hop, .link_index = tunnel, .onlink = true});
}

}  // namespace

Result<HandMade> HandMade::make(Shape shape, Family family) {
  HandMade out;
  const bool one_node = shape == Shape::same_node;
  for (int i = 0; i < (one_node ? 3 : 5); ++i) out.namespaces_.push_back(TRY(NetNs::create()));
  auto& ns = out.namespaces_;
  for (std::size_t i = 1; i + 1 < ns.size(); ++i) TRY(prepare(ns[i]));
  const auto gateway = ip(family, "169.254.1.1", "fe80::1");
  const Side one{ip(family, "10.89.0.1", "fd89::1"), ip(family, "10.244.1.2", "fd44:0:0:1::2"),
                 Mac::derived_from("one")};
  const Side two{ip(family, "10.89.0.2", "fd89::2"), ip(family, "10.244.2.2", "fd44:0:0:2::2"),
                 Mac::derived_from("two")};
  out.address_ = two.pod;
  if (one_node) {
    TRY(plug_pod(ns[1], ns[0], "pod1", one.pod, gateway));
    TRY(plug_pod(ns[1], ns[2], "pod2", two.pod, gateway));
    return out;
  }
  // client, node, wire, node, server
  const auto wire = TRY(open(ns[2]));
  const int bridge = TRY(wire->create_bridge({.name = "wire0", .mac = Mac::derived_from("wire0")}));
  TRY(wire->change_link(bridge, {.up = true}));
  TRY(plug_node(*wire, bridge, ns[1], "node1", one.node));
  TRY(plug_node(*wire, bridge, ns[3], "node2", two.node));
  TRY(plug_pod(ns[1], ns[0], "pod1", one.pod, gateway));
  TRY(plug_pod(ns[3], ns[4], "pod2", two.pod, gateway));
  TRY(lead(ns[1], one, two, shape == Shape::vxlan));
  TRY(lead(ns[3], two, one, shape == Shape::vxlan));
  return out;
}

}  // namespace podwire::bench
