#include "kernel/fake/kernel_routes.h"

#include <algorithm>

#include "kernel/fake/addresses.h"
#include "kernel/fake/fib.h"

namespace podwire::kernel::fake {
namespace {

using state::Address;
using state::Route;
using state::RouteType;
using state::Scope;

constexpr std::uint32_t kPrefixMetric = 256;  // IP6_RT_PRIO_ADDRCONF

Route kernel_route(int link_index, Cidr dst, RouteType type, Scope scope) {
  Route route;
  route.dst = dst;
  route.link_index = link_index;
  route.type = type;
  route.scope = scope;
  route.protocol = state::RouteProtocol::kernel;
  route.table = type == RouteType::unicast ? kMainTable : kLocalTable;
  return route;
}

/// fib_add_ifaddr().
void ipv4_routes(const Namespace& home, const Device& device, const Address& address,
                 std::vector<Route>& out) {
  const int index = device.link.index;
  const auto primary = std::ranges::find_if(home.addresses, [&](const Address& a) {
    return a.link_index == index && a.cidr.network() == address.cidr.network();
  });
  const bool is_primary = primary->cidr == address.cidr;
  const auto add = [&](Cidr dst, RouteType type, Scope scope) {
    Route route = kernel_route(index, dst, type, scope);
    route.source = primary->cidr.addr();
    if (std::ranges::find(out, route) == out.end()) out.push_back(route);
  };
  const auto all_ones = IpAddr::from_value(Family::v4, 0xffffffff);
  add(Cidr::host(address.cidr.addr()), RouteType::local, Scope::host);
  if (!device.link.up) return;
  if (address.broadcast && *address.broadcast != all_ones)
    add(Cidr::host(*address.broadcast), RouteType::broadcast, Scope::link);
  const bool zeronet = address.cidr.first().value() >> 24 == 0;
  if (!is_primary || address.cidr.is_host() || zeronet) return;
  if (is_loopback(device))
    add(address.cidr.network(), RouteType::local, Scope::host);
  else
    add(address.cidr.network(), RouteType::unicast, Scope::link);
  if (address.cidr.length() < 31) add(Cidr::host(address.cidr.last()), RouteType::broadcast, Scope::link);
}

/// addrconf: the prefix as soon as the link is up, the address itself when duplicate detection is done, which
/// in this kernel is at once, or never without carrier.
void ipv6_routes(const Device& device, const Address& address, std::vector<Route>& out) {
  if (!device.link.up) return;
  const int index = device.link.index;
  if (!address.cidr.addr().is_loopback()) {
    Route prefix = kernel_route(index, address.cidr.network(), RouteType::unicast, Scope::global);
    prefix.metric = kPrefixMetric;
    if (std::ranges::find(out, prefix) == out.end()) out.push_back(prefix);
  }
  if (device.ready || address.no_dad || is_loopback(device))
    out.push_back(kernel_route(index, Cidr::host(address.cidr.addr()), RouteType::local, Scope::global));
}

}  // namespace

std::vector<Route> kernel_routes(const Namespace& home, const Device& device) {
  std::vector<Route> out;
  for (const auto& address : home.addresses) {
    if (address.link_index != device.link.index) continue;
    if (address.cidr.family() == Family::v4)
      ipv4_routes(home, device, address, out);
    else
      ipv6_routes(device, address, out);
  }
  if (device.ready && !is_loopback(device) && ipv6_enabled(home, device).value_or(false)) {
    static const Cidr kMulticast = *Cidr::parse("ff00::/8");
    Route multicast = kernel_route(device.link.index, kMulticast, RouteType::multicast, Scope::global);
    multicast.metric = kPrefixMetric;
    out.push_back(multicast);
  }
  return out;
}

void apply_kernel_routes(Namespace& home, const std::vector<Route>& before, const std::vector<Route>& after) {
  for (const auto& route : before)
    if (std::ranges::find(after, route) == after.end()) std::erase(home.routes, route);
  for (const auto& route : after)
    if (std::ranges::find(before, route) == before.end() &&
        std::ranges::find(home.routes, route) == home.routes.end())
      home.routes.push_back(route);
}

}  // namespace podwire::kernel::fake
