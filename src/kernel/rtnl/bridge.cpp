#include "kernel/rtnl/bridge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace podwire::kernel {
namespace {

Result<state::Link> find_or_create(Rtnl& rtnl, const BridgeSpec& spec) {
  auto there = rtnl.link(spec.name);
  if (there || there.error().sys_errno != ENODEV) return there;
  const auto made = rtnl.create_bridge(spec);
  // Another process may have made it between our look and our try.
  if (!made && made.error().sys_errno != EEXIST) return std::unexpected(made.error());
  there = TRY(rtnl.link(spec.name));
  if (made && !spec.mac)
    TRY(rtnl.change_link(*made, {.mac = there->mac}));  // what is set stays, what it has moves
  return there;
}

/// A kernel or namespace without IPv6 has no such keys, and nothing to be kept from.
Result<> ensure_v6(Sysctl& sysctl, const std::string& key, std::string_view value) {
  auto set = sysctl.ensure(key, value);
  if (!set && set.error().sys_errno == ENOENT) return {};
  return set;
}

/// Would both on one bridge be ambiguous? Two IPv4 networks mean two configurations of one bridge; IPv6 links
/// have many addresses by nature, so only one network with two gateways counts.
bool conflict(const Cidr& there, const Cidr& wanted) {
  if (there.family() != wanted.family() || there.addr().is_link_local()) return false;
  return wanted.family() == Family::v4 || there.overlaps(wanted);
}

Result<> settle_conflicts(Rtnl& rtnl, const state::Link& bridge, const BridgeWanted& wanted,
                          const std::vector<state::Address>& there) {
  for (const auto& a : there) {
    if (std::ranges::count(wanted.gateways, a.cidr) != 0) continue;
    const auto clash =
        std::ranges::find_if(wanted.gateways, [&](const Cidr& w) { return conflict(a.cidr, w); });
    if (clash == wanted.gateways.end()) continue;
    if (!wanted.replace_addresses)
      return fail("give address to bridge", fmt::format("{} {}", bridge.name, clash->str()), EEXIST,
                  fmt::format("it has {} already; remove that one or set forceAddress", a.cidr.str()));
    TRY(rtnl.delete_address(a));
  }
  return {};
}

Result<> give_addresses(Rtnl& rtnl, const state::Link& bridge, const BridgeWanted& wanted) {
  if (wanted.gateways.empty()) return {};
  const auto there = TRY(rtnl.addresses({}, bridge.index));
  TRY(settle_conflicts(rtnl, bridge, wanted, there));
  for (const auto& gateway : wanted.gateways) {
    if (std::ranges::count(there, gateway, &state::Address::cidr) != 0) continue;
    auto added = rtnl.add_address(
        {.link_index = bridge.index, .cidr = gateway, .no_dad = gateway.family() == Family::v6});
    if (!added && added.error().sys_errno != EEXIST) return added;  // EEXIST: another process was faster
  }
  return {};
}

}  // namespace

Result<state::Link> ensure_bridge(Rtnl& rtnl, Sysctl& sysctl, const BridgeWanted& wanted) {
  const auto bridge = TRY(find_or_create(rtnl, wanted.spec));
  if (bridge.kind != "bridge")
    return fail("use as bridge", bridge.name, EEXIST,
                fmt::format("it is a link of kind \"{}\"; choose another bridge name", bridge.kind));
  TRY(sysctl.ensure("net/ipv4/conf/" + bridge.name + "/arp_notify", "1"));
  TRY(ensure_v6(sysctl, "net/ipv6/conf/" + bridge.name + "/accept_ra", "0"));
  if (std::ranges::count(wanted.gateways, Family::v6, &Cidr::family) != 0)
    TRY(sysctl.ensure("net/ipv6/conf/" + bridge.name + "/disable_ipv6", "0"));

  LinkChange change;
  if (!bridge.up) {
    change.up = true;
    // Who forwards to a neighbour asks for its MAC with the link-local address, and cannot as long as that
    // one is being tried: up to 2.5 s.
    TRY(ensure_v6(sysctl, "net/ipv6/conf/" + bridge.name + "/accept_dad", "0"));
  }
  if (wanted.promisc && !bridge.promisc) change.promisc = true;
  const bool changes = change.up || change.promisc;
  if (changes) TRY(rtnl.change_link(bridge.index, change));
  TRY(give_addresses(rtnl, bridge, wanted));
  return changes ? rtnl.link(bridge.index) : bridge;
}

}  // namespace podwire::kernel
