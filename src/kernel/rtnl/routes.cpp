#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

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
  w.fixed(header_of(r));
  if (r.dst.length() != 0) w.attr(RTA_DST, r.dst.first().bytes());
  if (r.gateway) w.attr(RTA_GATEWAY, r.gateway->bytes());
  if (r.link_index != 0) w.attr(RTA_OIF, r.link_index);
  if (r.source) w.attr(RTA_PREFSRC, r.source->bytes());
  if (r.table >= 256) w.attr(RTA_TABLE, r.table);
  if (r.metric != 0) w.attr(RTA_PRIORITY, r.metric);
  if (r.mtu != 0 || r.advmss != 0) {
    const auto metrics = w.nested(RTA_METRICS);
    if (r.mtu != 0) w.attr(RTAX_MTU, r.mtu);
    if (r.advmss != 0) w.attr(RTAX_ADVMSS, r.advmss);
  }
}

}  // namespace

std::optional<state::Route> codec::read_route(const netlink::Message& m) {
  const auto h = m.header<rtmsg>();
  if ((m.type != RTM_NEWROUTE && m.type != RTM_DELROUTE) || !h) return std::nullopt;
  if (h->rtm_family != AF_INET && h->rtm_family != AF_INET6) return std::nullopt;
  const auto family = static_cast<Family>(h->rtm_family);
  state::Route r;
  r.dst = Cidr(IpAddr::any(family), h->rtm_dst_len);
  r.table = h->rtm_table;
  r.type = static_cast<state::RouteType>(h->rtm_type);
  r.protocol = static_cast<state::RouteProtocol>(h->rtm_protocol);
  r.scope = static_cast<state::Scope>(h->rtm_scope);
  r.onlink = (h->rtm_flags & RTNH_F_ONLINK) != 0;
  for (const auto& a : m.attrs<rtmsg>()) {
    switch (a.type) {
      case RTA_DST:
        if (const auto addr = IpAddr::from_bytes(a.payload)) r.dst = Cidr(*addr, h->rtm_dst_len);
        break;
      case RTA_GATEWAY:
        r.gateway = IpAddr::from_bytes(a.payload);
        break;
      case RTA_OIF:
        r.link_index = a.as<int>();
        break;
      case RTA_PREFSRC:
        r.source = IpAddr::from_bytes(a.payload);
        break;
      case RTA_TABLE:
        r.table = a.as<std::uint32_t>();
        break;
      case RTA_PRIORITY:
        r.metric = a.as<std::uint32_t>();
        break;
      case RTA_METRICS:
        for (const auto& x : netlink::AttrRange(a.payload)) {
          if (x.type == RTAX_MTU) r.mtu = x.as<std::uint32_t>();
          if (x.type == RTAX_ADVMSS) r.advmss = x.as<std::uint32_t>();
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
    w.begin_message(RTM_GETROUTE, 0);
    rtmsg h{};
    h.rtm_family = static_cast<std::uint8_t>(f);
    w.fixed(h);
    if (table != 0) w.attr(RTA_TABLE, table);
    w.end_message();
    auto listed = socket_.dump(w, {"list", "routes"}, [&](const auto& m) {
      auto r = codec::read_route(m);
      if (r && (table == 0 || r->table == table)) out.push_back(std::move(*r));
    });
    // A table that was never used does not exist yet: it has no routes.
    if (!listed && listed.error().sys_errno != ENOENT) return std::unexpected(std::move(listed.error()));
  }
  return out;
}

Result<> NetlinkRtnl::add_route(const state::Route& r, Existing existing) {
  Writer w;
  w.begin_message(RTM_NEWROUTE,
                  existing == Existing::replace ? NLM_F_CREATE | NLM_F_REPLACE : NLM_F_CREATE | NLM_F_EXCL);
  put_route(w, r);
  w.end_message();
  const std::string object = state::describe(r);
  return socket_.execute(w, {"add route", object});
}

Result<> NetlinkRtnl::delete_route(const state::Route& r) {
  Writer w;
  w.begin_message(RTM_DELROUTE, 0);
  put_route(w, r);
  w.end_message();
  const std::string object = state::describe(r);
  return socket_.execute(w, {"delete route", object});
}

Result<state::RouteAnswer> NetlinkRtnl::route_to(const IpAddr& dst, bool fib_match) {
  Writer w;
  w.begin_message(RTM_GETROUTE, 0);
  rtmsg h{};
  h.rtm_family = static_cast<std::uint8_t>(dst.family());
  h.rtm_dst_len = static_cast<std::uint8_t>(address_bits(dst.family()));
  if (fib_match) h.rtm_flags = RTM_F_FIB_MATCH;
  w.fixed(h);
  w.attr(RTA_DST, dst.bytes());
  w.end_message();
  const std::string object = dst.str();
  std::optional<state::Route> found;
  TRY(socket_.query(w, {"find route to", object}, [&](const auto& m) { found = codec::read_route(m); }));
  if (!found) return fail("find route to", object, ENETUNREACH);
  return state::RouteAnswer{*found, found->source.value_or(IpAddr::any(dst.family()))};
}

}  // namespace podwire::kernel
