#include "kernel/rtnl/bridge.h"

#include <algorithm>
#include <cerrno>

namespace podwire::kernel {
namespace {

Result<state::Link> find_or_create(Rtnl& rtnl, Sysctl& sysctl, const BridgeSpec& spec) {
  auto there = rtnl.link(spec.name);
  if (!there && there.error().sys_errno != ENODEV) return there;
  if (!there) {
    const auto made = rtnl.create_bridge(spec);
    // Another process may have made it between our look and our try.
    if (!made && made.error().sys_errno != EEXIST) return std::unexpected(made.error());
    there = TRY(rtnl.link(spec.name));
    if (made) {
      if (!spec.mac) TRY(rtnl.change_link(*made, {.mac = there->mac}));
      TRY(sysctl.ensure("net/ipv4/conf/" + spec.name + "/arp_notify", "1"));
      if (auto off = sysctl.ensure("net/ipv6/conf/" + spec.name + "/accept_ra", "0");
          !off && off.error().sys_errno != ENOENT)
        return std::unexpected(off.error());
    }
  }
  if (there->kind != "bridge")
    return fail("use as bridge", spec.name, EEXIST,
                "it is a link of kind \"" + there->kind + "\"; choose another bridge name");
  return there;
}

Result<> give_address(Rtnl& rtnl, Sysctl& sysctl, const state::Link& bridge, const Cidr& wanted,
                      bool replace) {
  const auto on_bridge = TRY(rtnl.addresses(wanted.family(), bridge.index));
  bool there = false;
  for (const auto& a : on_bridge) {
    there |= a.cidr == wanted;
    if (a.cidr == wanted || a.cidr.addr().is_link_local()) continue;
    // Two subnets on one bridge are fine in IPv6, and in IPv4 when they do not overlap a differing one.
    if (wanted.family() == Family::v6 && !a.cidr.overlaps(wanted)) continue;
    if (!replace)
      return fail("give address " + wanted.str() + " to bridge", bridge.name, EEXIST,
                  "it has " + a.cidr.str() + " already; remove that one or set forceAddress");
    TRY(rtnl.delete_address(a));
  }
  if (there) return {};
  if (wanted.family() == Family::v6)
    TRY(sysctl.ensure("net/ipv6/conf/" + bridge.name + "/disable_ipv6", "0"));
  auto added =
      rtnl.add_address({.link_index = bridge.index, .cidr = wanted, .no_dad = wanted.family() == Family::v6});
  if (!added && added.error().sys_errno == EEXIST) return {};  // another process was faster
  return added;
}

}  // namespace

Result<state::Link> ensure_bridge(Rtnl& rtnl, Sysctl& sysctl, const BridgeWanted& wanted) {
  auto bridge = TRY(find_or_create(rtnl, sysctl, wanted.spec));
  LinkChange change;
  if (!bridge.up) change.up = true;
  if (wanted.promisc && !bridge.promisc) change.promisc = true;
  if (change.up || change.promisc) TRY(rtnl.change_link(bridge.index, change));
  for (const auto& gateway : wanted.gateways)
    TRY(give_address(rtnl, sysctl, bridge, gateway, wanted.replace_addresses));
  return change.up || change.promisc ? rtnl.link(bridge.index) : bridge;
}

}  // namespace podwire::kernel
