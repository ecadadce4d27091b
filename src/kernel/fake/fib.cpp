#include "kernel/fake/fib.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "kernel/fake/addresses.h"

namespace podwire::kernel::fake {
namespace {

using state::Route;
using state::RouteType;
using state::Scope;

constexpr std::uint32_t kIpv6Metric = 1024;  // IP6_RT_PRIO_USER, what IPv6 makes of 0

/// 0, or what a route type answers with instead of a next hop (fib_props, ip6_rt_type_to_error).
int refusal(RouteType type) {
  switch (type) {
    case RouteType::blackhole:
      return EINVAL;
    case RouteType::unreachable:
      return EHOSTUNREACH;
    case RouteType::prohibit:
      return EACCES;
    default:
      return 0;
  }
}

bool same_place(const Route& a, const Route& b) {
  return a.table == b.table && a.dst == b.dst && a.metric == b.metric;
}

/// A table other than main is asked for its gateways before local and main are.
std::optional<std::uint32_t> own_table(const Route& route) {
  if (route.table == kMainTable) return std::nullopt;
  return route.table;
}

std::unexpected<Error> refuse(const Route& route, int err, std::string_view why) {
  return fail("add route", describe(route), err, why);
}

Result<> check_device(Namespace& home, const Route& route) {
  const Device* device = home.find(route.link_index);
  if (device == nullptr) return refuse(route, ENODEV, "no such link");
  if (route.dst.family() == Family::v6) {
    const auto enabled = ipv6_enabled(home, *device);
    if (!enabled) return refuse(route, ENODEV, "the link's MTU is too small for IPv6");
    if (!*enabled) return refuse(route, EACCES, "IPv6 is disabled on nexthop device");
  }
  if (!device->link.up) return refuse(route, ENETDOWN, "nexthop device is not up");
  return {};
}

/// What an IPv4 address is to the local table (inet_addr_type): only a unicast one can be an onlink gateway.
bool is_unicast(const Namespace& home, const IpAddr& addr) {
  if (addr.is_multicast() || addr.value() >> 24 == 0 || addr.value() == 0xffffffff) return false;
  return std::ranges::none_of(home.routes,
                              [&](const Route& r) { return r.table == kLocalTable && r.dst.contains(addr); });
}

/// fib_check_nh(). The scope of what leads to the gateway must be narrower than the route's own.
Result<> check_ipv4_gateway(Namespace& home, Route& route) {
  if (route.onlink) {
    TRY(check_device(home, route));
    if (is_unicast(home, *route.gateway)) return {};
    return refuse(route, EINVAL, "nexthop has invalid gateway");
  }
  const auto narrower = static_cast<Scope>(static_cast<int>(route.scope) + 1);
  const Route* way =
      lookup(home, *route.gateway, {route.link_index, std::max(Scope::link, narrower), own_table(route)});
  if (way == nullptr) return refuse(route, ENETUNREACH, "nexthop has invalid gateway");
  if (const int err = refusal(way->type)) return refuse(route, err, "nexthop has invalid gateway");
  if (way->type != RouteType::unicast && way->type != RouteType::local)
    return refuse(route, EINVAL, "nexthop has invalid gateway");
  route.link_index = way->link_index;
  return check_device(home, route);
}

/// ip6_validate_gw().
Result<> check_ipv6_gateway(Namespace& home, Route& route) {
  const IpAddr& gateway = *route.gateway;
  if (route.link_index != 0 || route.onlink)
    if (home.find(route.link_index) == nullptr) return refuse(route, ENODEV, "no such link");
  if (route.onlink) TRY(check_device(home, route));
  if (is_local(home, gateway)) return refuse(route, EINVAL, "gateway can not be a local address");
  if (gateway.is_multicast() || gateway.is_any()) return refuse(route, EINVAL, "invalid gateway address");
  if (gateway.is_link_local()) {
    if (route.link_index == 0) return refuse(route, EINVAL, "egress device not specified");
    return check_device(home, route);
  }
  const Route* way =
      lookup(home, gateway, {route.onlink ? 0 : route.link_index, Scope::global, own_table(route)});
  if (route.onlink) {
    const bool elsewhere = way != nullptr && way->dst.length() != 0 && refusal(way->type) == 0 &&
                           (way->type != RouteType::unicast || way->link_index != route.link_index);
    if (elsewhere) return refuse(route, EINVAL, "nexthop has invalid gateway or device mismatch");
    return {};
  }
  if (way == nullptr || way->gateway || refusal(way->type) != 0)
    return refuse(route, EHOSTUNREACH, "no route on a link leads to the gateway");
  route.link_index = way->link_index;
  return check_device(home, route);
}

/// How is the gateway reached? Fills in the link if the caller left it open. An IPv4 route may have an IPv6
/// gateway.
Result<> check_gateway(Namespace& home, Route& route) {
  if (route.gateway->is_v6()) return check_ipv6_gateway(home, route);
  if (route.dst.family() == Family::v6) return refuse(route, EINVAL, "IPv6 has no IPv4 gateways");
  return check_ipv4_gateway(home, route);
}

Result<> check_next_hop(Namespace& home, Route& route) {
  if (refusal(route.type) != 0) {
    if (route.dst.family() == Family::v4 && (route.gateway || route.link_index != 0))
      return refuse(route, EINVAL, "gateway and device can not be specified for this route type");
    route.gateway.reset();
    route.link_index = 0;
    return {};
  }
  if (route.gateway) return check_gateway(home, route);
  if (route.onlink) return refuse(route, EINVAL, "onlink needs a gateway");
  return check_device(home, route);
}

Result<> check_route(Namespace& home, Route& route) {
  if (route.dst.family() == Family::v6) {
    route.dst = route.dst.network();  // IPv6 cuts host bits, IPv4 refuses them
    if (route.metric == 0) route.metric = kIpv6Metric;
    route.scope = Scope::global;
  } else if (!route.dst.is_network()) {
    return refuse(route, EINVAL, "invalid prefix for given prefix length");
  }
  if (route.gateway && route.gateway->is_v4() && route.gateway->is_any()) route.gateway.reset();
  TRY(check_next_hop(home, route));
  if (route.source && !is_local(home, *route.source)) return refuse(route, EINVAL, "invalid source address");
  return {};
}

}  // namespace

bool is_local(const Namespace& home, const IpAddr& addr) {
  return std::ranges::any_of(home.addresses, [&](const auto& a) { return a.cidr.addr() == addr; });
}

Result<> add_route(Namespace& home, Route route, bool replace) {
  TRY(check_route(home, route));
  const auto there = std::ranges::find_if(home.routes, [&](const Route& r) { return same_place(r, route); });
  if (there == home.routes.end()) {
    home.routes.push_back(route);
    return {};
  }
  if (!replace) return refuse(route, EEXIST, {});
  *there = route;
  return {};
}

Result<> delete_route(Namespace& home, const Route& wanted) {
  const auto agree = [](auto there, auto asked) { return asked == decltype(asked){} || there == asked; };
  const auto matches = [&](const Route& r) {
    const bool both = r.table == wanted.table && r.dst == wanted.dst &&
                      agree(r.link_index, wanted.link_index) && agree(r.gateway, wanted.gateway) &&
                      agree(r.metric, wanted.metric) && agree(r.protocol, wanted.protocol);
    if (r.dst.family() == Family::v6) return both;
    return both && r.type == wanted.type && r.scope == wanted.scope && agree(r.source, wanted.source) &&
           agree(r.mtu, wanted.mtu) && agree(r.advmss, wanted.advmss);
  };
  const auto it = std::ranges::min_element(home.routes, {}, [&](const Route& r) {
    return matches(r) ? std::uint64_t{r.metric} : ~std::uint64_t{0};
  });
  if (it == home.routes.end() || !matches(*it)) return fail("delete route", describe(wanted), ESRCH);
  home.routes.erase(it);
  return {};
}

const Route* lookup(const Namespace& home, const IpAddr& dst, const LookupLimits& limits) {
  const std::array tables{limits.first_table.value_or(kLocalTable), kLocalTable, kMainTable,
                          std::uint32_t{253}};
  for (const auto table : tables) {
    const Route* best = nullptr;
    for (const auto& route : home.routes) {
      if (route.table != table || !route.dst.contains(dst)) continue;
      if (limits.link_index != 0 && route.link_index != limits.link_index) continue;
      if (dst.is_v4() && route.scope < limits.least_scope) continue;
      if (best == nullptr || route.dst.length() > best->dst.length() ||
          (route.dst.length() == best->dst.length() && route.metric < best->metric))
        best = &route;
    }
    if (best != nullptr) return best;
  }
  return nullptr;
}

Result<state::RouteAnswer> answer(const Namespace& home, const IpAddr& dst, bool fib_match) {
  const Route* route = lookup(home, dst);
  if (route == nullptr) return fail("look up route to", dst.str(), ENETUNREACH);
  if (const int err = refusal(route->type)) return fail("look up route to", dst.str(), err);
  state::RouteAnswer out{.route = *route, .preferred_source = IpAddr::any(dst.family())};
  const IpAddr next_hop = route->gateway.value_or(dst);
  const state::Address* source = nullptr;
  for (const auto& a : home.addresses) {
    if (a.link_index != route->link_index || a.cidr.family() != dst.family()) continue;
    if (source == nullptr || (!source->cidr.contains(next_hop) && a.cidr.contains(next_hop))) source = &a;
  }
  if (route->source)
    out.preferred_source = *route->source;
  else if (source != nullptr)
    out.preferred_source = source->cidr.addr();
  // IPv4 keeps its local table in main's as long as there are no policy rules, and says so when asked.
  if (dst.is_v4() && route->table == kLocalTable) out.route.table = kMainTable;
  if (!fib_match) {
    out.route.dst = Cidr::host(dst);
    out.route.source = out.preferred_source;
  }
  return out;
}

}  // namespace podwire::kernel::fake
