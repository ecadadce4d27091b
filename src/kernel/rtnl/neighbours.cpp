#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>

#include "kernel/rtnl/codec.h"
#include "kernel/rtnl/netlink_rtnl.h"

namespace podwire::kernel {
namespace {
using netlink::Writer;

ndmsg header_of(const state::Neighbour& n) {
  ndmsg h{};
  h.ndm_family = static_cast<std::uint8_t>(n.addr.family());
  h.ndm_ifindex = n.link_index;
  h.ndm_state = static_cast<std::uint16_t>(n.state);
  h.ndm_flags = n.proxy ? NTF_PROXY : 0;
  return h;
}

ndmsg header_of(const state::FdbEntry& e) {
  ndmsg h{};
  h.ndm_family = AF_BRIDGE;
  h.ndm_ifindex = e.link_index;
  h.ndm_state = static_cast<std::uint16_t>(e.state);
  h.ndm_flags = e.self ? NTF_SELF : NTF_MASTER;
  return h;
}

Writer fdb_message(std::uint16_t type, std::uint16_t flags, const state::FdbEntry& e) {
  Writer w;
  w.message(type, flags, header_of(e));
  w.put_bytes(NDA_LLADDR, e.mac.bytes());
  if (e.remote) w.put_bytes(NDA_DST, e.remote->bytes());
  if (e.vlan != 0) w.put(NDA_VLAN, e.vlan);
  return w;
}

}  // namespace

std::optional<state::Neighbour> codec::read_neighbour(const netlink::Message& m) {
  const auto h = m.fixed<ndmsg>();
  if ((m.type() != RTM_NEWNEIGH && m.type() != RTM_DELNEIGH) || !h) return std::nullopt;
  if (h->ndm_family != AF_INET && h->ndm_family != AF_INET6) return std::nullopt;
  const auto attrs = m.attributes<ndmsg>();
  const auto dst = attrs.find(NDA_DST);
  const auto addr = dst ? IpAddr::from_bytes(dst->bytes()) : std::nullopt;
  if (!addr) return std::nullopt;
  state::Neighbour n{.link_index = h->ndm_ifindex,
                     .addr = *addr,
                     .state = static_cast<state::NeighbourState>(h->ndm_state),
                     .proxy = (h->ndm_flags & NTF_PROXY) != 0};
  if (const auto mac = attrs.find(NDA_LLADDR)) n.mac = Mac::from_bytes(mac->bytes());
  return n;
}

std::optional<state::FdbEntry> codec::read_fdb(const netlink::Message& m) {
  const auto h = m.fixed<ndmsg>();
  if ((m.type() != RTM_NEWNEIGH && m.type() != RTM_DELNEIGH) || !h || h->ndm_family != AF_BRIDGE)
    return std::nullopt;
  state::FdbEntry e{.link_index = h->ndm_ifindex,
                    .self = (h->ndm_flags & NTF_SELF) != 0,
                    .state = static_cast<state::NeighbourState>(h->ndm_state)};
  for (const auto& a : m.attributes<ndmsg>()) {
    if (a.type() == NDA_LLADDR) e.mac = Mac::from_bytes(a.bytes()).value_or(Mac());
    if (a.type() == NDA_DST) e.remote = IpAddr::from_bytes(a.bytes());
    if (a.type() == NDA_MASTER) e.master_index = a.value<int>();
    if (a.type() == NDA_VLAN) e.vlan = a.value<std::uint16_t>();
  }
  return e;
}

Result<std::vector<state::Neighbour>> NetlinkRtnl::neighbours(std::optional<Family> family, int link_index) {
  std::vector<state::Neighbour> out;
  for (const Family f : {Family::v4, Family::v6}) {
    if (family && *family != f) continue;
    Writer w;
    ndmsg h{};
    h.ndm_family = static_cast<std::uint8_t>(f);
    w.message(RTM_GETNEIGH, 0, h);
    if (link_index != 0) w.put(NDA_IFINDEX, link_index);
    auto listed = socket_.dump(w, [&](const netlink::Message& m) -> std::optional<state::Neighbour> {
      auto n = codec::read_neighbour(m);
      if (!n || (link_index != 0 && n->link_index != link_index)) return std::nullopt;
      return n;
    });
    std::ranges::move(TRY(netlink::named(std::move(listed), "list", [] { return "neighbours"; })),
                      std::back_inserter(out));
  }
  return out;
}

Result<> NetlinkRtnl::set_neighbour(const state::Neighbour& n) {
  Writer w;
  w.message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, header_of(n));
  w.put_bytes(NDA_DST, n.addr.bytes());
  if (n.mac) w.put_bytes(NDA_LLADDR, n.mac->bytes());
  return netlink::named(socket_.request(w), "set neighbour", [&] { return state::describe(n); });
}

Result<> NetlinkRtnl::delete_neighbour(const state::Neighbour& n) {
  Writer w;
  w.message(RTM_DELNEIGH, 0, header_of(n));
  w.put_bytes(NDA_DST, n.addr.bytes());
  return netlink::named(socket_.request(w), "delete neighbour", [&] { return state::describe(n); });
}

Result<std::vector<state::FdbEntry>> NetlinkRtnl::fdb(int link_index) {
  Writer w;
  ndmsg h{};
  h.ndm_family = AF_BRIDGE;
  w.message(RTM_GETNEIGH, 0, h);
  auto listed = socket_.dump(w, [&](const netlink::Message& m) -> std::optional<state::FdbEntry> {
    auto e = codec::read_fdb(m);
    if (!e || (link_index != 0 && e->link_index != link_index)) return std::nullopt;
    return e;
  });
  return netlink::named(std::move(listed), "list", [] { return "forwarding entries"; });
}

Result<> NetlinkRtnl::set_fdb(const state::FdbEntry& e) {
  Writer w = fdb_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, e);
  return netlink::named(socket_.request(w), "set forwarding entry", [&] { return state::describe(e); });
}

Result<> NetlinkRtnl::delete_fdb(const state::FdbEntry& e) {
  Writer w = fdb_message(RTM_DELNEIGH, 0, e);
  return netlink::named(socket_.request(w), "delete forwarding entry", [&] { return state::describe(e); });
}

}  // namespace podwire::kernel
