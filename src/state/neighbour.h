#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/addr.h"

namespace podwire::state {

/// linux/neighbour.h NUD_*. A bit each in the kernel; one at a time in practice.
enum class NeighbourState : std::uint16_t {
  none = 0,
  incomplete = 0x01,
  reachable = 0x02,
  stale = 0x04,
  delay = 0x08,
  probe = 0x10,
  failed = 0x20,
  noarp = 0x40,
  permanent = 0x80
};

/// An ARP or NDP entry: which MAC answers for an address on a link.
struct Neighbour {
  int link_index = 0;
  IpAddr addr;
  std::optional<Mac> mac;  ///< none while incomplete or failed
  NeighbourState state = NeighbourState::permanent;
  bool proxy = false;  ///< NTF_PROXY: we answer for it
  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

/// A forwarding entry: behind which port (bridge) or at which outer address (VXLAN) a MAC lives.
struct FdbEntry {
  int link_index = 0;  ///< the port, or the VXLAN device
  Mac mac;
  std::optional<IpAddr> remote;  ///< VXLAN: the outer destination (NDA_DST)
  int master_index = 0;          ///< as read: the bridge
  std::uint16_t vlan = 0;
  bool self = false;  ///< NTF_SELF: in the device's own table (VXLAN) and not in its bridge's
  NeighbourState state = NeighbourState::permanent;  ///< permanent, noarp (static) or reachable (learned)
  friend bool operator==(const FdbEntry&, const FdbEntry&) = default;
};

[[nodiscard]] std::string_view name_of(NeighbourState state);
[[nodiscard]] std::string describe(const Neighbour& neighbour);
[[nodiscard]] std::string describe(const FdbEntry& entry);

}  // namespace podwire::state
