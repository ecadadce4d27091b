#include <fmt/format.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "kernel/rtnl/kernel_rtnl.h"
#include "kernel/rtnl/route_codec.h"

namespace podwire::kernel {
namespace {

using netlink::Message;
using netlink::named;
using netlink::Writer;

/// The kernel reads as many bytes as the family has: another family's address would be cut without a word.
Result<> check_source(const state::Route& route) {
  if (!route.source || route.source->family() == route.dst.family()) return {};
  return fail("add route", describe(route), EINVAL, "the source address is of another family");
}

Result<state::RouteAnswer> decode_answer(const Message& m) {
  const auto route = decode_route(m);
  if (!route) return fail("read route", {}, EBADMSG);
  return state::RouteAnswer{.route = *route,
                            .preferred_source = route->source.value_or(IpAddr::any(route->dst.family()))};
}

}  // namespace

Result<std::vector<state::Route>> KernelRtnl::routes(std::optional<Family> family, std::uint32_t table) {
  Writer w;
  w.message(RTM_GETROUTE, 0,
            rtmsg{.rtm_family = static_cast<std::uint8_t>(family ? static_cast<int>(*family) : AF_UNSPEC)});
  if (table != 0) w.put(RTA_TABLE, table);
  auto found =
      named(socket_.dump(w, decode_route), "list routes", [&] { return fmt::format("of table {}", table); });
  // A table comes into being with its first route; asking one family for a table that has none is an error to
  // Linux.
  if (!found && found.error().sys_errno == ENOENT) return std::vector<state::Route>{};
  return found;
}

Result<> KernelRtnl::add_route(const state::Route& route, Existing existing) {
  TRY(check_source(route));
  Writer w;
  put_route(w, RTM_NEWROUTE, create_flags(existing), route);
  return named(socket_.request(w), "add route", [&] { return describe(route); });
}

Result<> KernelRtnl::delete_route(const state::Route& route) {
  TRY(check_source(route));
  Writer w;
  put_route(w, RTM_DELROUTE, 0, route);
  return named(socket_.request(w), "delete route", [&] { return describe(route); });
}

Result<state::RouteAnswer> KernelRtnl::route_to(const IpAddr& dst, bool fib_match) {
  unsigned flags = fib_match ? RTM_F_FIB_MATCH : 0U;
  if (dst.is_v4()) flags |= RTM_F_LOOKUP_TABLE;  // IPv6 always tells the table, and refuses to be asked
  Writer w;
  w.message(RTM_GETROUTE, 0,
            rtmsg{.rtm_family = static_cast<std::uint8_t>(dst.family()),
                  .rtm_dst_len = static_cast<std::uint8_t>(address_bits(dst.family())),
                  .rtm_flags = flags});
  w.put_bytes(RTA_DST, dst.bytes());
  return named(socket_.ask(w, decode_answer), "find route to", [&] { return dst.str(); });
}

}  // namespace podwire::kernel
