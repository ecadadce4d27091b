#include "agent/underlay.h"

#include <algorithm>
#include <optional>

namespace podwire::agent {
namespace {

bool is_reachable(const state::Address& address) {
  const auto& ip = address.cidr.addr();
  return address.scope == state::Scope::global && !ip.is_loopback() && !ip.is_link_local();
}

/// The lowest metric counts.
std::optional<state::Route> default_route(kernel::Rtnl& rtnl, Family family) {
  const auto routes = rtnl.routes(family);
  if (!routes) return std::nullopt;
  std::optional<state::Route> best;
  for (const auto& route : *routes)
    if (route.dst.length() == 0 && route.link_index != 0 && (!best || route.metric < best->metric))
      best = route;
  return best;
}

/// Links that pods and tunnels have made carry no address of the node.
bool is_ours(const state::Link& link) {
  return link.vxlan.has_value() || link.kind == "bridge" || link.kind == "dummy" || link.name == "lo";
}

std::optional<IpAddr> address_of(kernel::Rtnl& rtnl, const std::vector<state::Address>& all, Family family) {
  const auto way_out = default_route(rtnl, family);
  if (way_out && way_out->source) return way_out->source;
  const state::Address* found = nullptr;
  for (const auto& address : all) {
    if (address.cidr.family() != family || !is_reachable(address)) continue;
    if (way_out && address.link_index == way_out->link_index) return address.cidr.addr();
    if (found == nullptr) {
      const auto link = rtnl.link(address.link_index);
      if (link && !is_ours(*link)) found = &address;
    }
  }
  if (found == nullptr || way_out) return std::nullopt;
  return found->cidr.addr();
}

}  // namespace

Result<std::vector<IpAddr>> machine_addresses(kernel::Rtnl& rtnl) {
  const auto all = TRY(rtnl.addresses());
  std::vector<IpAddr> out;
  for (const auto family : {Family::v4, Family::v6})
    if (const auto address = address_of(rtnl, all, family)) out.push_back(*address);
  return out;
}

Result<std::vector<plan::Underlay>> find_underlays(kernel::Rtnl& rtnl, std::span<const IpAddr> addresses) {
  std::vector<plan::Underlay> out;
  const auto all = TRY(rtnl.addresses());
  for (const auto& wanted : addresses) {
    const bool known = std::ranges::any_of(
        out, [&](const plan::Underlay& u) { return u.address.family() == wanted.family(); });
    if (known) continue;
    const auto at = std::ranges::find(all, wanted, [](const state::Address& a) { return a.cidr.addr(); });
    if (at == all.end()) continue;
    const auto link = TRY(rtnl.link(at->link_index));
    out.push_back({.link = link.name, .address = at->cidr, .mtu = link.mtu});
  }
  return out;
}

}  // namespace podwire::agent
