#pragma once
#include <optional>
#include <string_view>

#include "kernel/netlink/reader.h"
#include "kernel/netlink/writer.h"
#include "kernel/rtnl/rtnl.h"
#include "state/link.h"

namespace podwire::kernel {

/// RTM_NEWLINK or RTM_DELLINK as a value. nullopt: too short, or it is a bridge's view of a port (AF_BRIDGE),
/// which says nothing about the link itself.
[[nodiscard]] std::optional<state::Link> decode_link(const netlink::Message& message);

/// The attributes that a new link may start with; zero and none are left to the kernel.
struct NewLink {
  std::string_view name;
  std::optional<Mac> mac;
  std::uint32_t mtu = 0;
};
/// The kernel fills in a name with '%' ("eth%d") where podwire means names to the letter: EINVAL.
Result<> refuse_template(std::string_view name);
void put_new_link(netlink::Writer& w, const NewLink& link);
void put_vxlan(netlink::Writer& w, const state::Vxlan& vxlan);
void put_bridge_port(netlink::Writer& w, const LinkChange& change);

}  // namespace podwire::kernel
