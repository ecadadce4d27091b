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
  w.put_bytes(IFA_LOCAL, a.cidr.addr().bytes());
  w.put_bytes(IFA_ADDRESS, a.cidr.addr().bytes());
}

}  // namespace

std::optional<state::Address> codec::read_address(const netlink::Message& m) {
  const auto h = m.fixed<ifaddrmsg>();
  if ((m.type() != RTM_NEWADDR && m.type() != RTM_DELADDR) || !h) return std::nullopt;
  state::Address a;
  std::optional<IpAddr> local, address;
  std::uint32_t flags = h->ifa_flags;
  for (const auto& attr : m.attributes<ifaddrmsg>()) {
    if (attr.type() == IFA_LOCAL) local = IpAddr::from_bytes(attr.bytes());
    if (attr.type() == IFA_ADDRESS) address = IpAddr::from_bytes(attr.bytes());
    if (attr.type() == IFA_BROADCAST) a.broadcast = IpAddr::from_bytes(attr.bytes());
    if (attr.type() == IFA_FLAGS) flags = attr.value<std::uint32_t>();
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
  ifaddrmsg h{};
  h.ifa_family = family ? static_cast<std::uint8_t>(*family) : kAnyFamily;
  // With strict checking the kernel filters by index itself, but only within one family.
  if (family) h.ifa_index = static_cast<unsigned>(link_index);
  w.message(RTM_GETADDR, 0, h);
  auto list = socket_.dump(w, [&](const netlink::Message& m) -> std::optional<state::Address> {
    auto a = codec::read_address(m);
    if (!a || (link_index != 0 && a->link_index != link_index)) return std::nullopt;
    return a;
  });
  return netlink::named(std::move(list), "list", [] { return "addresses"; });
}

Result<> NetlinkRtnl::add_address(const state::Address& a, Existing existing) {
  Writer w;
  w.message(RTM_NEWADDR,
            existing == Existing::replace ? NLM_F_CREATE | NLM_F_REPLACE : NLM_F_CREATE | NLM_F_EXCL,
            header_of(a));
  put_address(w, a);
  if (a.broadcast) w.put_bytes(IFA_BROADCAST, a.broadcast->bytes());
  if (a.no_dad) w.put(IFA_FLAGS, std::uint32_t{IFA_F_NODAD});
  return netlink::named(socket_.request(w), "add address", [&] { return state::describe(a); });
}

Result<> NetlinkRtnl::delete_address(const state::Address& a) {
  Writer w;
  w.message(RTM_DELADDR, 0, header_of(a));
  put_address(w, a);
  return netlink::named(socket_.request(w), "delete address", [&] { return state::describe(a); });
}

}  // namespace podwire::kernel
