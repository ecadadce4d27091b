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

std::unexpected<Error> refuse(const Route& route, int err, std::string_view why) {
  return fail("add route", describe(route), err, why);
}

Result<> check_device(Namespace& home, const Route& route) {
  const Device* device = home.find(route.link_index);
  if (device == nullptr) return refuse(route, ENODEV, "no such link");
  if (!device->link.up) return refuse(route, ENETDOWN, "nexthop device is not up");
  if (route.dst.family() == Family::v6 && !ipv6_enabled(home, *device).value_or(false))
    return refuse(route, EACCES, "IPv6 is disabled on nexthop device");
  return {};
}

/// fib_check_nh(), ip6_validate_gw(): how is the gateway reached? Fills in the link if the caller left it
/// open.
Result<> check_gateway(Namespace& home, Route& route) {
  const IpAddr& gateway = *route.gateway;
  const bool v6 = gateway.is_v6();  // an IPv4 route may have an IPv6 gateway
  if (!v6 && route.dst.family() == Family::v6) return refuse(route, EINVAL, "IPv6 has no IPv4 gateways");
  if (v6 && is_local(home, gateway)) return refuse(route, EINVAL, "gateway can not be a local address");
  if (v6 && gateway.is_link_local() && route.link_index == 0)
    return refuse(route, EINVAL, "egress device not specified");
  if (route.onlink || (v6 && gateway.is_link_local())) {
    TRY(check_device(home, route));
    if (!v6 && is_local(home, gateway)) return refuse(route, EINVAL, "nexthop has invalid gateway");
    return {};
  }
  // RTA_SCOPE of what leads to the gateway must be narrower than the route's own.
  const Scope least =
      v6 ? Scope::global : std::max(Scope::link, static_cast<Scope>(static_cast<int>(route.scope) + 1));
  std::optional<std::uint32_t> first;
  if (route.table != kMainTable) first = route.table;
  const Route* way = lookup(home, gateway, {route.link_index, least, first});
  if (way == nullptr || (v6 && (way->gateway || refusal(way->type) != 0)))
    return refuse(route, v6 ? EHOSTUNREACH : ENETUNREACH, "nexthop has invalid gateway");
  if (const int err = refusal(way->type)) return refuse(route, err, "nexthop has invalid gateway");
  if (way->type != RouteType::unicast && way->type != RouteType::local)
    return refuse(route, EINVAL, "nexthop has invalid gateway");
  route.link_index = way->link_index;
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
  if (route.source && !is_local(home, *route.source)) return refuse(route, EINVAL, "invalid source address");
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

}  // namespace

bool is_local(const Namespace& home, const IpAddr& addr) {
  return std::ranges::any_of(home.addresses, [&](const auto& a) { return a.cidr.addr() == addr; });
}

Result<> add_route(Namespace& home, Route route, bool replace) {
  TRY(check_route(home, route));
  const auto there = std::ranges::find_if(home.routes, [&](const Route& r) { return same_place(r, route); });
  if (there == home.routes.end()) {
    home.routes.push_back(std::move(route));
    return {};
  }
  if (!replace) return refuse(route, EEXIST, {});
  *there = std::move(route);
  return {};
}

Result<> delete_route(Namespace& home, const Route& wanted) {
  const auto agree = [](auto there, auto asked) { return asked == decltype(asked){} || there == asked; };
  const auto matches = [&](const Route& r) {
    const bool both = r.table == wanted.table && r.dst == wanted.dst && r.type == wanted.type &&
                      agree(r.link_index, wanted.link_index) && agree(r.gateway, wanted.gateway) &&
                      agree(r.metric, wanted.metric) && agree(r.protocol, wanted.protocol);
    if (r.dst.family() == Family::v6) return both;
    return both && r.scope == wanted.scope && agree(r.source, wanted.source) && agree(r.mtu, wanted.mtu) &&
           agree(r.advmss, wanted.advmss);
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
  if (!fib_match) {
    out.route.dst = Cidr::host(dst);
    out.route.source = out.preferred_source;
  }
  return out;
}

}  // namespace podwire::kernel::fake
