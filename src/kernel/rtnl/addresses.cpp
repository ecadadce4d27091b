#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "kernel/rtnl/codec.h"
#include "kernel/rtnl/netlink_rtnl.h"

namespace podwire::kernel {
namespace {
using netlink::Writer;

constexpr std::uint8_t kAnyFamily = AF_UNSPEC;

ifaddrmsg header_of(const state::Address& a) {
  ifaddrmsg h{};
  h.ifa_family = static_cast<std::uint8_t>(a.cidr.family());
  h.ifa_prefixlen = static_cast<std::uint8_t>(a.cidr.length());
  h.ifa_scope = static_cast<std::uint8_t>(a.scope);
  h.ifa_index = static_cast<unsigned>(a.link_index);
  return h;
}

/// IFA_LOCAL is the address; IFA_ADDRESS the peer's, which is the same unless the link is point to point.
void put_address(Writer& w, const state::Address& a) {
  w.attr(IFA_LOCAL, a.cidr.addr().bytes());
  w.attr(IFA_ADDRESS, a.cidr.addr().bytes());
}

}  // namespace

std::optional<state::Address> codec::read_address(const netlink::Message& m) {
  const auto h = m.header<ifaddrmsg>();
  if ((m.type != RTM_NEWADDR && m.type != RTM_DELADDR) || !h) return std::nullopt;
  state::Address a;
  std::optional<IpAddr> local, address;
  std::uint32_t flags = h->ifa_flags;
  for (const auto& attr : m.attrs<ifaddrmsg>()) {
    if (attr.type == IFA_LOCAL) local = IpAddr::from_bytes(attr.payload);
    if (attr.type == IFA_ADDRESS) address = IpAddr::from_bytes(attr.payload);
    if (attr.type == IFA_BROADCAST) a.broadcast = IpAddr::from_bytes(attr.payload);
    if (attr.type == IFA_FLAGS) flags = attr.as<std::uint32_t>();
  }
  if (!local) local = address;
  if (!local) return std::nullopt;
  a.link_index = static_cast<int>(h->ifa_index);
  a.cidr = Cidr(*local, h->ifa_prefixlen);
  a.scope = static_cast<state::Scope>(h->ifa_scope);
  a.no_dad = (flags & IFA_F_NODAD) != 0;
  a.tentative = (flags & IFA_F_TENTATIVE) != 0;
  a.permanent = (flags & IFA_F_PERMANENT) != 0;
  return a;
}

Result<std::vector<state::Address>> NetlinkRtnl::addresses(std::optional<Family> family, int link_index) {
  Writer w;
  w.begin_message(RTM_GETADDR, 0);
  ifaddrmsg h{};
  h.ifa_family = family ? static_cast<std::uint8_t>(*family) : kAnyFamily;
  // With strict checking the kernel filters by index itself, but only within one family.
  if (family) h.ifa_index = static_cast<unsigned>(link_index);
  w.fixed(h);
  w.end_message();
  std::vector<state::Address> out;
  TRY(socket_.dump(w, {"list", "addresses"}, [&](const auto& m) {
    auto a = codec::read_address(m);
    if (a && (link_index == 0 || a->link_index == link_index)) out.push_back(std::move(*a));
  }));
  return out;
}

Result<> NetlinkRtnl::add_address(const state::Address& a, Existing existing) {
  Writer w;
  w.begin_message(RTM_NEWADDR,
                  existing == Existing::replace ? NLM_F_CREATE | NLM_F_REPLACE : NLM_F_CREATE | NLM_F_EXCL);
  w.fixed(header_of(a));
  put_address(w, a);
  if (a.broadcast) w.attr(IFA_BROADCAST, a.broadcast->bytes());
  if (a.no_dad) w.attr(IFA_FLAGS, std::uint32_t{IFA_F_NODAD});
  w.end_message();
  const std::string object = state::describe(a);
  return socket_.execute(w, {"add address", object});
}

Result<> NetlinkRtnl::delete_address(const state::Address& a) {
  Writer w;
  w.begin_message(RTM_DELADDR, 0);
  w.fixed(header_of(a));
  put_address(w, a);
  w.end_message();
  const std::string object = state::describe(a);
  return socket_.execute(w, {"delete address", object});
}

}  // namespace podwire::kernel
