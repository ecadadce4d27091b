#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "kernel/host.h"
#include "lab/demo_containers.h"

namespace podwire::lab {
namespace {

/// "lo 127.0.0.1/8, eth0 192.0.2.11/24"
Result<std::string> interfaces(kernel::Rtnl& rtnl) {
  std::vector<std::string> out;
  const auto addresses = TRY(rtnl.addresses(Family::v4));
  for (const auto& link : TRY(rtnl.links())) {
    std::string text = link.name;
    for (const auto& address : addresses)
      if (address.link_index == link.index) text += " " + address.cidr.str();
    out.push_back(text);
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

Result<std::vector<std::string>> bridges(kernel::Rtnl& rtnl) {
  std::vector<std::string> out;
  for (const auto& link : TRY(rtnl.links()))
    if (link.kind == "bridge") out.push_back(link.name);
  return out;
}

}  // namespace

Result<> look_at_host_before(ContainerScene& scene) {
  scene.tell.say("A computer with one interface to the rest of the world. No container runs on it yet.");
  const auto rtnl = TRY(kernel::real_host().rtnl(scene.host1.netns()));
  const auto sysctl = TRY(kernel::real_host().sysctl(scene.host1.netns()));
  const auto found = TRY(bridges(*rtnl));
  scene.tell.check({.holds = found.empty(),
                    .seen = fmt::format("{} has {}; bridges: {}", scene.host1.name(), TRY(interfaces(*rtnl)),
                                        found.empty() ? "none" : fmt::format("{}", fmt::join(found, ", "))),
                    .expected = "no bridge yet",
                    .look = "ip addr; brctl show"});
  const auto forward = TRY(sysctl->get("net/ipv4/ip_forward"));
  scene.tell.check({.holds = forward == "0",
                    .seen = fmt::format(
                        "it passes no packets on from one interface to another: ip_forward is {}", forward),
                    .expected = "ip_forward is 0",
                    .look = "sysctl net.ipv4.ip_forward"});
  return {};
}

Result<> make_the_bridge(ContainerScene& scene) {
  scene.tell.say(
      "Docker's bridge mode begins with a bridge, an Ethernet switch in software, and a block of addresses "
      "for what "
      "will be plugged into it.");
  TRY(must_type(scene.tell, scene.host1, {"network", "create", "docker0"}));
  const auto rtnl = TRY(kernel::real_host().rtnl(scene.host1.netns()));
  const auto bridge = TRY(rtnl->link("docker0"));
  const auto links = TRY(rtnl->links());
  const auto ports = std::ranges::count(links, bridge.index, &state::Link::master_index);
  scene.tell.check({.holds = bridge.kind == "bridge" && bridge.up && ports == 0,
                    .seen = fmt::format("docker0 appeared: a {}, {}, with {} ports", bridge.kind,
                                        bridge.up ? "up" : "down", ports),
                    .expected = "a bridge, up, with 0 ports",
                    .look = "ip -details link show docker0; brctl show"});
  std::vector<std::string> addresses;
  for (const auto& address : TRY(rtnl->addresses(Family::v4, bridge.index)))
    addresses.push_back(address.cidr.str());
  scene.tell.check(
      {.holds = addresses == std::vector<std::string>{"172.17.0.1/16"},
       .seen = fmt::format("the host's own address on it is {}",
                           addresses.empty() ? "none" : fmt::format("{}", fmt::join(addresses, ", "))),
       .expected = "172.17.0.1/16",
       .look = "ip addr show docker0"});
  std::string route = "no route";
  bool direct = false;
  for (const auto& r : TRY(rtnl->routes(Family::v4)))
    if (r.link_index == bridge.index) {
      route = fmt::format("{} dev docker0{}", r.dst.str(), r.gateway ? " via " + r.gateway->str() : "");
      direct = !r.gateway && r.dst.str() == "172.17.0.0/16";
    }
  scene.tell.check({.holds = direct,
                    .seen = fmt::format("the whole block is behind it, no gateway between: {}", route),
                    .expected = "172.17.0.0/16 dev docker0",
                    .look = "ip route"});
  return {};
}

}  // namespace podwire::lab
