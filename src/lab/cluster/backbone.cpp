#include "lab/cluster/backbone.h"

#include <fmt/format.h>

#include <cerrno>

#include "kernel/host.h"

namespace podwire::lab {
namespace {

constexpr std::uint16_t kWebPort = 80;

/// ENOENT: this kernel has no IPv6, or no such key.
Result<> set_if_there(kernel::Sysctl& sysctl, const std::string& key, const char* value) {
  auto set = sysctl.ensure(key, value);
  if (!set && set.error().sys_errno == ENOENT) return {};
  return set;
}

/// Loopback up, and IPv6 without the seconds in which it looks for others with the same addresses: on these
/// wires nobody has them.
Result<> prepare(const Machine& machine) {
  const auto rtnl = TRY(kernel::real_host().rtnl(machine.netns()));
  TRY(bring_up_loopback(*rtnl));
  const auto sysctl = TRY(kernel::real_host().sysctl(machine.netns()));
  for (const auto* scope : {"all", "default"})
    for (const auto* key : {"accept_dad", "accept_ra"})
      TRY(set_if_there(*sysctl, fmt::format("net/ipv6/conf/{}/{}", scope, key), "0"));
  return {};
}

Result<int> plug_in(Wire& wire, const Machine& machine, const std::string& ifname,
                    const std::vector<Cidr>& addresses) {
  const auto plug = TRY(wire.plug(machine.netns(), ifname, addresses.front(), machine.name()));
  const auto rtnl = TRY(kernel::real_host().rtnl(machine.netns()));
  for (std::size_t i = 1; i < addresses.size(); ++i)
    TRY(rtnl->add_address({.link_index = plug.link_index, .cidr = addresses[i], .no_dad = true}));
  return plug.link_index;
}

Result<std::vector<Greeter>> serve_the_web(const Machine& internet, const LabSettings& settings) {
  const auto rtnl = TRY(kernel::real_host().rtnl(internet.netns()));
  const int lo = TRY(rtnl->link("lo")).index;
  std::vector<Greeter> out;
  for (const auto& cidr : settings.node_cidrs) {
    const auto address = web_address(cidr.family());
    TRY(rtnl->add_address({.link_index = lo, .cidr = Cidr::host(address), .no_dad = true}));
    out.push_back(TRY(Greeter::start(internet.netns(), {address, kWebPort})));
  }
  return out;
}

}  // namespace

Result<Backbone> Backbone::build(const LabSettings& settings) {
  auto internet = TRY(Machine::start(kInternet));
  TRY(prepare(internet));
  const auto sysctl = TRY(kernel::real_host().sysctl(internet.netns()));
  TRY(sysctl->ensure("net/ipv4/ip_forward", "1"));
  TRY(set_if_there(*sysctl, "net/ipv6/conf/all/forwarding", "1"));
  std::vector<Wire> wires;
  for (std::size_t s = 0; s < settings.segments; ++s) {
    wires.push_back(TRY(Wire::create()));
    TRY(plug_in(wires.back(), internet, fmt::format("eth{}", s), settings.router_addresses(s)));
  }
  auto web = TRY(serve_the_web(internet, settings));
  return Backbone(std::move(wires), std::move(internet), std::move(web));
}

Result<> Backbone::plug(const Machine& machine, const NodePlace& place) {
  TRY(prepare(machine));
  const int eth0 = TRY(plug_in(wires_[place.segment], machine, "eth0", place.addresses));
  const auto rtnl = TRY(kernel::real_host().rtnl(machine.netns()));
  for (const auto& gateway : place.gateways)
    TRY(rtnl->add_route({.dst = Cidr::everything(gateway.family()),
                         .gateway = gateway,
                         .link_index = eth0,
                         .protocol = state::RouteProtocol::static_}));
  return {};
}

Result<> Backbone::unplug(const std::string& machine, const NodePlace& place) {
  return wires_[place.segment].unplug(machine);
}

}  // namespace podwire::lab
