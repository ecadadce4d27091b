#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "kernel/rtnl/codec.h"
#include "kernel/rtnl/netlink_rtnl.h"

namespace podwire::kernel {
namespace {
using netlink::Writer;

rtmsg header_of(const state::Route& r) {
  rtmsg h{};
  h.rtm_family = static_cast<std::uint8_t>(r.dst.family());
  h.rtm_dst_len = static_cast<std::uint8_t>(r.dst.length());
  h.rtm_table = static_cast<std::uint8_t>(r.table < 256 ? r.table : RT_TABLE_UNSPEC);
  h.rtm_protocol = static_cast<std::uint8_t>(r.protocol);
  h.rtm_scope = static_cast<std::uint8_t>(r.scope);
  h.rtm_type = static_cast<std::uint8_t>(r.type);
  h.rtm_flags = r.onlink ? RTNH_F_ONLINK : 0;
  return h;
}

void put_route(Writer& w, const state::Route& r) {
  if (r.dst.length() != 0) w.put_bytes(RTA_DST, r.dst.first().bytes());
  if (r.gateway) w.put_bytes(RTA_GATEWAY, r.gateway->bytes());
  if (r.link_index != 0) w.put(RTA_OIF, r.link_index);
  if (r.source) w.put_bytes(RTA_PREFSRC, r.source->bytes());
  if (r.table >= 256) w.put(RTA_TABLE, r.table);
  if (r.metric != 0) w.put(RTA_PRIORITY, r.metric);
  if (r.mtu != 0 || r.advmss != 0) {
    const auto metrics = w.nest(RTA_METRICS);
    if (r.mtu != 0) w.put(RTAX_MTU, r.mtu);
    if (r.advmss != 0) w.put(RTAX_ADVMSS, r.advmss);
  }
}

}  // namespace

std::optional<state::Route> codec::read_route(const netlink::Message& m) {
  const auto h = m.fixed<rtmsg>();
  if ((m.type() != RTM_NEWROUTE && m.type() != RTM_DELROUTE) || !h) return std::nullopt;
  if (h->rtm_family != AF_INET && h->rtm_family != AF_INET6) return std::nullopt;
  const auto family = static_cast<Family>(h->rtm_family);
  state::Route r;
  r.dst = Cidr(IpAddr::any(family), h->rtm_dst_len);
  r.table = h->rtm_table;
  r.type = static_cast<state::RouteType>(h->rtm_type);
  r.protocol = static_cast<state::RouteProtocol>(h->rtm_protocol);
  r.scope = static_cast<state::Scope>(h->rtm_scope);
  r.onlink = (h->rtm_flags & RTNH_F_ONLINK) != 0;
  for (const auto& a : m.attributes<rtmsg>()) {
    switch (a.type()) {
      case RTA_DST:
        if (const auto addr = IpAddr::from_bytes(a.bytes())) r.dst = Cidr(*addr, h->rtm_dst_len);
        break;
      case RTA_GATEWAY:
        r.gateway = IpAddr::from_bytes(a.bytes());
        break;
      case RTA_OIF:
        r.link_index = a.value<int>();
        break;
      case RTA_PREFSRC:
        r.source = IpAddr::from_bytes(a.bytes());
        break;
      case RTA_TABLE:
        r.table = a.value<std::uint32_t>();
        break;
      case RTA_PRIORITY:
        r.metric = a.value<std::uint32_t>();
        break;
      case RTA_METRICS:
        for (const auto& x : a.nested()) {
          if (x.type() == RTAX_MTU) r.mtu = x.value<std::uint32_t>();
          if (x.type() == RTAX_ADVMSS) r.advmss = x.value<std::uint32_t>();
        }
        break;
      default:
        break;
    }
  }
  return r;
}

Result<std::vector<state::Route>> NetlinkRtnl::routes(std::optional<Family> family, std::uint32_t table) {
  std::vector<state::Route> out;
  for (const Family f : {Family::v4, Family::v6}) {
    if (family && *family != f) continue;
    Writer w;
    rtmsg h{};
    h.rtm_family = static_cast<std::uint8_t>(f);
    w.message(RTM_GETROUTE, 0, h);
    if (table != 0) w.put(RTA_TABLE, table);
    auto listed = socket_.dump(w, [&](const netlink::Message& m) -> std::optional<state::Route> {
      auto r = codec::read_route(m);
      if (!r || (table != 0 && r->table != table)) return std::nullopt;
      return r;
    });
    // A table that was never used does not exist yet: it has no routes.
    if (!listed && listed.error().sys_errno == ENOENT) continue;
    std::ranges::move(TRY(netlink::named(std::move(listed), "list", [] { return "routes"; })),
                      std::back_inserter(out));
  }
  return out;
}

Result<> NetlinkRtnl::add_route(const state::Route& r, Existing existing) {
  Writer w;
  w.message(RTM_NEWROUTE,
            existing == Existing::replace ? NLM_F_CREATE | NLM_F_REPLACE : NLM_F_CREATE | NLM_F_EXCL,
            header_of(r));
  put_route(w, r);
  return netlink::named(socket_.request(w), "add route", [&] { return state::describe(r); });
}

Result<> NetlinkRtnl::delete_route(const state::Route& r) {
  Writer w;
  w.message(RTM_DELROUTE, 0, header_of(r));
  put_route(w, r);
  return netlink::named(socket_.request(w), "delete route", [&] { return state::describe(r); });
}

Result<state::RouteAnswer> NetlinkRtnl::route_to(const IpAddr& dst, bool fib_match) {
  Writer w;
  rtmsg h{};
  h.rtm_family = static_cast<std::uint8_t>(dst.family());
  h.rtm_dst_len = static_cast<std::uint8_t>(address_bits(dst.family()));
  if (fib_match) h.rtm_flags = RTM_F_FIB_MATCH;
  w.message(RTM_GETROUTE, 0, h);
  w.put_bytes(RTA_DST, dst.bytes());
  auto found = netlink::named(socket_.ask(w,
                                          [](const netlink::Message& m) -> Result<state::Route> {
                                            if (auto r = codec::read_route(m)) return std::move(*r);
                                            return fail("", "", ENETUNREACH);
                                          }),
                              "find route to", [&] { return dst.str(); });
  const state::Route route = TRY(std::move(found));
  return state::RouteAnswer{route, route.source.value_or(IpAddr::any(dst.family()))};
}

}  // namespace podwire::kernel
