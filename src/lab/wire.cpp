#include "lab/wire.h"

#include <cerrno>

#include "kernel/host.h"

namespace podwire::lab {
namespace {

constexpr const char* kBridge = "wire0";

}  // namespace

Result<> bring_up_loopback(kernel::Rtnl& rtnl) {
  const auto lo = TRY(rtnl.link("lo"));
  return rtnl.change_link(lo.index, {.up = true});
}

Result<Wire> Wire::create() {
  auto netns = TRY(kernel::NetNs::create());
  auto rtnl = TRY(kernel::real_host().rtnl(netns));
  // A switch says nothing of its own: without IPv6 the bridge sends no neighbour discovery onto the wire.
  auto sysctl = TRY(kernel::real_host().sysctl(netns));
  for (const auto* scope : {"all", "default"})
    if (auto set = sysctl->set(std::string("net/ipv6/conf/") + scope + "/disable_ipv6", "1");
        !set && set.error().sys_errno != ENOENT)
      return std::unexpected(std::move(set.error()));
  const int bridge = TRY(rtnl->create_bridge({.name = kBridge, .mac = Mac::derived_from(kBridge)}));
  TRY(rtnl->change_link(bridge, {.up = true}));
  return Wire(std::move(netns), std::move(rtnl), bridge);
}

Result<Plug> Wire::plug(const kernel::NetNs& machine, const std::string& ifname, const Cidr& address,
                        const std::string& port) {
  const kernel::VethEnd here{.name = port, .master_index = bridge_index_};
  const kernel::VethEnd there{.name = ifname, .mac = Mac::derived_from(port + "/" + ifname)};
  const int port_index = TRY(rtnl_->create_veth(here, there, machine));
  auto inside = TRY(kernel::real_host().rtnl(machine));
  const auto link = TRY(inside->link(ifname));
  TRY(inside->change_link(link.index, {.up = true}));
  TRY(inside->add_address({.link_index = link.index, .cidr = address, .no_dad = true}));
  return Plug{.link_index = link.index, .port_index = port_index, .mac = link.mac};
}

Result<> Wire::unplug(const std::string& port) {
  const auto link = rtnl_->link(port);
  auto gone = link ? rtnl_->delete_link(link->index) : Result<>(std::unexpected(link.error()));
  if (!gone && gone.error().sys_errno == ENODEV) return {};
  return gone;
}

}  // namespace podwire::lab
