#include "kernel/fake/addresses.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "kernel/fake/fib.h"
#include "kernel/fake/kernel_routes.h"
#include "kernel/fake/sysctl_tree.h"

namespace podwire::kernel::fake {
namespace {

using state::Address;
using state::Scope;

constexpr std::uint32_t kLeastIpv6Mtu = 1280;  // IPV6_MIN_MTU

Address* find_address(Namespace& home, const Address& wanted, bool any_length) {
  const auto it = std::ranges::find_if(home.addresses, [&](const Address& a) {
    return a.link_index == wanted.link_index && a.cidr.addr() == wanted.cidr.addr() &&
           (any_length || a.cidr.length() == wanted.cidr.length());
  });
  return it == home.addresses.end() ? nullptr : &*it;
}

bool same_subnet(const Address& a, const Address& b) {
  return a.link_index == b.link_index && a.cidr.network() == b.cidr.network();
}

Scope ipv6_scope(const IpAddr& addr) {
  if (addr.is_loopback()) return Scope::host;
  return addr.is_link_local() ? Scope::link : Scope::global;
}

/// RFC 4291, appendix A: fe80::/64 and the MAC with its universal bit turned and ff:fe in the middle.
Cidr link_local_address(const Mac& mac) {
  const auto m = mac.bytes();
  std::array<std::byte, 16> out{};
  out[0] = std::byte{0xfe};
  out[1] = std::byte{0x80};
  std::copy_n(m.begin(), 3, out.begin() + 8);
  out[8] ^= std::byte{0x02};
  out[11] = std::byte{0xff};
  out[12] = std::byte{0xfe};
  std::copy_n(m.begin() + 3, 3, out.begin() + 13);
  return {*IpAddr::from_bytes(out), 64};
}

/// ipv6_add_addr()'s refusals.
Result<> check_ipv6(const Namespace& home, const Device& device, const Address& address) {
  const auto& addr = address.cidr.addr();
  const auto no = [&](int err, std::string_view why) {
    return fail("add address", describe(address), err, why);
  };
  const auto enabled = ipv6_enabled(home, device);
  if (!enabled) return no(EINVAL, "the link's MTU is too small for IPv6");
  if (!*enabled) return no(EACCES, "IPv6 is disabled on this device");
  if (addr.is_any()) return no(EADDRNOTAVAIL, "invalid address");
  if (addr.is_multicast()) return no(EADDRNOTAVAIL, "cannot assign multicast address");
  if (addr.is_loopback() && !is_loopback(device))
    return no(EADDRNOTAVAIL, "cannot assign loopback address on this device");
  return {};
}

void forget_family(Namespace& home, const Device& device, Family family) {
  const int index = device.link.index;
  std::erase_if(home.routes,
                [&](const auto& r) { return r.link_index == index && r.dst.family() == family; });
  std::erase_if(home.neighbours,
                [&](const auto& n) { return n.link_index == index && n.addr.family() == family; });
}

/// What leans on an address that is gone: routes that name it as their source, and, after a link's last IPv4
/// address, everything of IPv4 on that link (fib_disable_ip).
void forget_dependants(Namespace& home, const Device& device, const IpAddr& gone) {
  if (!is_local(home, gone)) {
    if (gone.is_v4()) std::erase_if(home.routes, [&](const auto& r) { return r.source == gone; });
    for (auto& route : home.routes)
      if (route.source == gone) route.source.reset();
  }
  const bool any_left = std::ranges::any_of(home.addresses, [&](const Address& a) {
    return a.link_index == device.link.index && a.cidr.family() == gone.family();
  });
  if (gone.is_v4() && !any_left) forget_family(home, device, Family::v4);
}

}  // namespace

std::optional<bool> ipv6_enabled(const Namespace& home, const Device& device) {
  if (device.link.mtu < kLeastIpv6Mtu) return std::nullopt;
  return link_sysctl(home, Family::v6, device.link.name, "disable_ipv6") == "0";
}

Result<> add_address(Namespace& home, const Address& wanted, bool replace) {
  const Device& device = *TRY(home.need("add address", wanted.link_index));
  Address address = wanted;
  if (address.cidr.family() == Family::v6) {
    TRY(check_ipv6(home, device, address));
    address.scope = ipv6_scope(address.cidr.addr());
    address.broadcast.reset();
  }
  if (find_address(home, address, address.cidr.family() == Family::v6) != nullptr) {
    if (replace) return {};
    return fail("add address", describe(address), EEXIST, "address already assigned");
  }
  const auto before = kernel_routes(home, device);
  home.addresses.push_back(address);
  apply_kernel_routes(home, before, kernel_routes(home, device));
  return {};
}

Result<> delete_address(Namespace& home, const Address& wanted) {
  const Device& device = *TRY(home.need("delete address", wanted.link_index));
  const Address* there = find_address(home, wanted, false);
  if (there == nullptr) return fail("delete address", describe(wanted), EADDRNOTAVAIL, "address not found");
  const Address gone = *there;
  const auto before = kernel_routes(home, device);
  const bool primary = std::ranges::find_if(home.addresses, [&](const Address& a) {
                         return same_subnet(a, gone);
                       })->cidr == gone.cidr;
  const bool promote = link_sysctl(home, Family::v4, device.link.name, "promote_secondaries") != "0";
  std::vector<IpAddr> lost;
  std::erase_if(home.addresses, [&](const Address& a) {
    const bool goes = (a.link_index == gone.link_index && a.cidr == gone.cidr) ||
                      (gone.cidr.addr().is_v4() && primary && !promote && same_subnet(a, gone));
    if (goes) lost.push_back(a.cidr.addr());
    return goes;
  });
  apply_kernel_routes(home, before, kernel_routes(home, device));
  for (const auto& addr : lost) forget_dependants(home, device, addr);
  return {};
}

void link_went_up(Namespace& home, const Device& device) {
  const int index = device.link.index;
  if (is_loopback(device)) {
    const auto own = [&](const char* text, Scope scope) {
      Address a{.link_index = index, .cidr = *Cidr::parse(text), .scope = scope};
      if (find_address(home, a, true) == nullptr) home.addresses.push_back(a);
    };
    own("127.0.0.1/8", Scope::host);
    if (ipv6_enabled(home, device).value_or(false)) own("::1/128", Scope::host);
  }
  apply_kernel_routes(home, {}, kernel_routes(home, device));
}

void link_got_ready(Namespace& home, const Device& device) {
  Device waiting = device;
  waiting.ready = false;
  const auto before = kernel_routes(home, waiting);
  const bool wants_own = ipv6_enabled(home, device).value_or(false) && !is_loopback(device) &&
                         link_sysctl(home, Family::v6, device.link.name, "addr_gen_mode") == "0";
  Address own{
      .link_index = device.link.index, .cidr = link_local_address(device.link.mac), .scope = Scope::link};
  if (wants_own && find_address(home, own, true) == nullptr) home.addresses.push_back(own);
  apply_kernel_routes(home, before, kernel_routes(home, device));
}

void link_went_down(Namespace& home, const Device& device) {
  const int index = device.link.index;
  link_lost_ipv6(home, device);
  std::erase_if(home.routes,
                [&](const auto& r) { return r.link_index == index && r.type != state::RouteType::local; });
  std::erase_if(home.neighbours, [&](const auto& n) { return n.link_index == index; });
}

void link_lost_ipv6(Namespace& home, const Device& device) {
  std::vector<IpAddr> lost;
  std::erase_if(home.addresses, [&](const Address& a) {
    const bool goes = a.link_index == device.link.index && a.cidr.family() == Family::v6;
    if (goes) lost.push_back(a.cidr.addr());
    return goes;
  });
  forget_family(home, device, Family::v6);
  for (const auto& addr : lost) forget_dependants(home, device, addr);
}

}  // namespace podwire::kernel::fake
