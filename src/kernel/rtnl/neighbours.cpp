#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

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
  w.begin_message(type, flags);
  w.fixed(header_of(e));
  w.attr(NDA_LLADDR, e.mac.bytes());
  if (e.remote) w.attr(NDA_DST, e.remote->bytes());
  if (e.vlan != 0) w.attr(NDA_VLAN, e.vlan);
  w.end_message();
  return w;
}

}  // namespace

std::optional<state::Neighbour> codec::read_neighbour(const netlink::Message& m) {
  const auto h = m.header<ndmsg>();
  if ((m.type != RTM_NEWNEIGH && m.type != RTM_DELNEIGH) || !h) return std::nullopt;
  if (h->ndm_family != AF_INET && h->ndm_family != AF_INET6) return std::nullopt;
  const auto attrs = m.attrs<ndmsg>();
  const auto dst = attrs.find(NDA_DST);
  const auto addr = dst ? IpAddr::from_bytes(dst->payload) : std::nullopt;
  if (!addr) return std::nullopt;
  state::Neighbour n{.link_index = h->ndm_ifindex,
                     .addr = *addr,
                     .state = static_cast<state::NeighbourState>(h->ndm_state),
                     .proxy = (h->ndm_flags & NTF_PROXY) != 0};
  if (const auto mac = attrs.find(NDA_LLADDR)) n.mac = Mac::from_bytes(mac->payload);
  return n;
}

std::optional<state::FdbEntry> codec::read_fdb(const netlink::Message& m) {
  const auto h = m.header<ndmsg>();
  if ((m.type != RTM_NEWNEIGH && m.type != RTM_DELNEIGH) || !h || h->ndm_family != AF_BRIDGE)
    return std::nullopt;
  state::FdbEntry e{.link_index = h->ndm_ifindex,
                    .self = (h->ndm_flags & NTF_SELF) != 0,
                    .state = static_cast<state::NeighbourState>(h->ndm_state)};
  for (const auto& a : m.attrs<ndmsg>()) {
    if (a.type == NDA_LLADDR) e.mac = Mac::from_bytes(a.payload).value_or(Mac());
    if (a.type == NDA_DST) e.remote = IpAddr::from_bytes(a.payload);
    if (a.type == NDA_MASTER) e.master_index = a.as<int>();
    if (a.type == NDA_VLAN) e.vlan = a.as<std::uint16_t>();
  }
  return e;
}

Result<std::vector<state::Neighbour>> NetlinkRtnl::neighbours(std::optional<Family> family, int link_index) {
  std::vector<state::Neighbour> out;
  for (const Family f : {Family::v4, Family::v6}) {
    if (family && *family != f) continue;
    Writer w;
    w.begin_message(RTM_GETNEIGH, 0);
    ndmsg h{};
    h.ndm_family = static_cast<std::uint8_t>(f);
    w.fixed(h);
    if (link_index != 0) w.attr(NDA_IFINDEX, link_index);
    w.end_message();
    TRY(socket_.dump(w, {"list", "neighbours"}, [&](const auto& m) {
      auto n = codec::read_neighbour(m);
      if (n && (link_index == 0 || n->link_index == link_index)) out.push_back(std::move(*n));
    }));
  }
  return out;
}

Result<> NetlinkRtnl::set_neighbour(const state::Neighbour& n) {
  Writer w;
  w.begin_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
  w.fixed(header_of(n));
  w.attr(NDA_DST, n.addr.bytes());
  if (n.mac) w.attr(NDA_LLADDR, n.mac->bytes());
  w.end_message();
  const std::string object = state::describe(n);
  return socket_.execute(w, {"set neighbour", object});
}

Result<> NetlinkRtnl::delete_neighbour(const state::Neighbour& n) {
  Writer w;
  w.begin_message(RTM_DELNEIGH, 0);
  w.fixed(header_of(n));
  w.attr(NDA_DST, n.addr.bytes());
  w.end_message();
  const std::string object = state::describe(n);
  return socket_.execute(w, {"delete neighbour", object});
}

Result<std::vector<state::FdbEntry>> NetlinkRtnl::fdb(int link_index) {
  Writer w;
  w.begin_message(RTM_GETNEIGH, 0);
  ndmsg h{};
  h.ndm_family = AF_BRIDGE;
  w.fixed(h);
  w.end_message();
  std::vector<state::FdbEntry> out;
  TRY(socket_.dump(w, {"list", "forwarding entries"}, [&](const auto& m) {
    auto e = codec::read_fdb(m);
    if (e && (link_index == 0 || e->link_index == link_index)) out.push_back(std::move(*e));
  }));
  return out;
}

Result<> NetlinkRtnl::set_fdb(const state::FdbEntry& e) {
  Writer w = fdb_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, e);
  const std::string object = state::describe(e);
  return socket_.execute(w, {"set forwarding entry", object});
}

Result<> NetlinkRtnl::delete_fdb(const state::FdbEntry& e) {
  Writer w = fdb_message(RTM_DELNEIGH, 0, e);
  const std::string object = state::describe(e);
  return socket_.execute(w, {"delete forwarding entry", object});
}

}  // namespace podwire::kernel
