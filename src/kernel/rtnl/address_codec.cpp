#include "kernel/rtnl/address_codec.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

namespace podwire::kernel {

std::optional<state::Address> decode_address(const netlink::Message& message) {
  const auto header = message.fixed<ifaddrmsg>();
  if (!header) return std::nullopt;
  std::optional<IpAddr> local, address, broadcast;
  std::uint32_t flags = header->ifa_flags;
  for (const netlink::Attribute& a : message.attributes<ifaddrmsg>()) {
    switch (a.type()) {
      case IFA_LOCAL:
        local = IpAddr::from_bytes(a.bytes());
        break;
      case IFA_ADDRESS:
        address = IpAddr::from_bytes(a.bytes());
        break;
      case IFA_BROADCAST:
        broadcast = IpAddr::from_bytes(a.bytes());
        break;
      case IFA_FLAGS:
        flags = a.value<std::uint32_t>();
        break;
      default:
        break;
    }
  }
  const auto own = local ? local : address;  // they differ on point-to-point links: address is the peer's
  if (!own || static_cast<int>(own->family()) != header->ifa_family) return std::nullopt;
  return state::Address{.link_index = static_cast<int>(header->ifa_index),
                        .cidr = Cidr(*own, header->ifa_prefixlen),
                        .scope = static_cast<state::Scope>(header->ifa_scope),
                        .broadcast = broadcast,
                        .no_dad = (flags & IFA_F_NODAD) != 0,
                        .tentative = (flags & IFA_F_TENTATIVE) != 0,
                        .permanent = (flags & IFA_F_PERMANENT) != 0};
}

void put_address(netlink::Writer& w, std::uint16_t type, std::uint16_t flags, const state::Address& address) {
  const auto ip = address.cidr.addr();
  w.message(type, flags,
            ifaddrmsg{.ifa_family = static_cast<std::uint8_t>(ip.family()),
                      .ifa_prefixlen = static_cast<std::uint8_t>(address.cidr.length()),
                      .ifa_flags = 0,
                      .ifa_scope = static_cast<std::uint8_t>(address.scope),
                      .ifa_index = static_cast<std::uint32_t>(address.link_index)});
  w.put_bytes(IFA_LOCAL, ip.bytes());
  w.put_bytes(IFA_ADDRESS, ip.bytes());
  if (address.broadcast) w.put_bytes(IFA_BROADCAST, address.broadcast->bytes());
  if (address.no_dad) w.put(IFA_FLAGS, std::uint32_t{IFA_F_NODAD});
}

}  // namespace podwire::kernel
