#include "kernel/rtnl/neighbour_codec.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace podwire::kernel {
namespace {

using netlink::Attribute;
using netlink::Writer;

/// Permanent entries of a VXLAN device come with further bits set.
state::NeighbourState state_of(std::uint16_t bits) {
  if ((bits & NUD_PERMANENT) != 0) return state::NeighbourState::permanent;
  return static_cast<state::NeighbourState>(bits);
}

}  // namespace

std::optional<state::Neighbour> decode_neighbour(const netlink::Message& message) {
  const auto header = message.fixed<ndmsg>();
  if (!header || (header->ndm_family != AF_INET && header->ndm_family != AF_INET6)) return std::nullopt;
  state::Neighbour out{.link_index = header->ndm_ifindex,
                       .addr = IpAddr::any(static_cast<Family>(header->ndm_family)),
                       .state = state_of(header->ndm_state),
                       .proxy = (header->ndm_flags & NTF_PROXY) != 0};
  for (const Attribute& a : message.attributes<ndmsg>()) {
    if (a.type() == NDA_DST) out.addr = IpAddr::from_bytes(a.bytes()).value_or(out.addr);
    if (a.type() == NDA_LLADDR) out.mac = Mac::from_bytes(a.bytes());
  }
  return out;
}

std::optional<state::FdbEntry> decode_fdb(const netlink::Message& message) {
  const auto header = message.fixed<ndmsg>();
  if (!header || header->ndm_family != AF_BRIDGE) return std::nullopt;
  state::FdbEntry out{.link_index = header->ndm_ifindex,
                      .self = (header->ndm_flags & NTF_SELF) != 0,
                      .state = state_of(header->ndm_state)};
  for (const Attribute& a : message.attributes<ndmsg>()) {
    switch (a.type()) {
      case NDA_LLADDR:
        out.mac = Mac::from_bytes(a.bytes()).value_or(Mac());
        break;
      case NDA_DST:
        out.remote = IpAddr::from_bytes(a.bytes());
        break;
      case NDA_MASTER:
        out.master_index = a.value<int>();
        break;
      case NDA_VLAN:
        out.vlan = a.value<std::uint16_t>();
        break;
      default:
        break;
    }
  }
  return out;
}

void put_neighbour(Writer& w, std::uint16_t type, std::uint16_t flags, const state::Neighbour& neighbour) {
  w.message(
      type, flags,
      ndmsg{.ndm_family = static_cast<std::uint8_t>(neighbour.addr.family()),
            .ndm_ifindex = neighbour.link_index,
            .ndm_state = neighbour.proxy ? std::uint16_t{0} : static_cast<std::uint16_t>(neighbour.state),
            .ndm_flags = neighbour.proxy ? std::uint8_t{NTF_PROXY} : std::uint8_t{0}});
  w.put_bytes(NDA_DST, neighbour.addr.bytes());
  if (neighbour.mac && !neighbour.proxy) w.put_bytes(NDA_LLADDR, neighbour.mac->bytes());
}

void put_fdb(Writer& w, std::uint16_t type, std::uint16_t flags, const state::FdbEntry& entry) {
  w.message(type, flags,
            ndmsg{.ndm_family = AF_BRIDGE,
                  .ndm_ifindex = entry.link_index,
                  .ndm_state = static_cast<std::uint16_t>(entry.state),
                  .ndm_flags = entry.self ? std::uint8_t{NTF_SELF} : std::uint8_t{NTF_MASTER}});
  w.put_bytes(NDA_LLADDR, entry.mac.bytes());
  if (entry.remote) w.put_bytes(NDA_DST, entry.remote->bytes());
  if (entry.vlan != 0) w.put(NDA_VLAN, entry.vlan);
}

}  // namespace podwire::kernel
