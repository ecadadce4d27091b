#include "lab/stage.h"

#include "kernel/host.h"

namespace podwire::lab {
namespace {

/// Of the constants above.
Cidr known(const char* text) { return Cidr::parse(text).value_or(Cidr()); }

Result<Plug> plug_in(Wire& wire, const Machine& machine, const Cidr& address) {
  const auto rtnl = TRY(kernel::real_host().rtnl(machine.netns()));
  TRY(bring_up_loopback(*rtnl));
  return wire.plug(machine.netns(), "eth0", address, machine.name());
}

}  // namespace

Cidr Stage::address(const Leg& leg) { return known(leg.address); }
IpAddr Stage::server() { return known((std::string(kServer) + "/32").c_str()).addr(); }

Result<Stage> Stage::build(std::string podwire) {
  auto wire = TRY(Wire::create());
  auto outside = TRY(Machine::start(kOutside.machine));
  const auto plug = TRY(plug_in(wire, outside, address(kOutside)));
  const auto rtnl = TRY(kernel::real_host().rtnl(outside.netns()));
  TRY(rtnl->add_address(
      {.link_index = TRY(rtnl->link("lo")).index, .cidr = Cidr::host(server()), .no_dad = true}));
  // What the server says of its own accord comes from the server's address and not from the router's.
  TRY(rtnl->add_route({.dst = address(kOutside).network(),
                       .link_index = plug.link_index,
                       .source = server(),
                       .scope = state::Scope::link},
                      kernel::Existing::replace));
  return Stage(std::move(wire), std::move(outside), std::move(podwire));
}

Result<DockerHost> Stage::docker_host(const Leg& leg) {
  auto machine = TRY(Machine::start(leg.machine));
  const auto plug = TRY(plug_in(wire_, machine, address(leg)));
  const auto rtnl = TRY(kernel::real_host().rtnl(machine.netns()));
  TRY(rtnl->add_route({.dst = Cidr::everything(Family::v4),
                       .gateway = address(kOutside).addr(),
                       .link_index = plug.link_index}));
  const auto sysctl = TRY(kernel::real_host().sysctl(machine.netns()));
  TRY(sysctl->ensure("net/ipv4/ip_forward", "0"));
  return DockerHost(std::move(machine), podwire_);
}

}  // namespace podwire::lab
