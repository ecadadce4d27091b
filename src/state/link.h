#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/addr.h"

namespace podwire::state {

/// What a bridge's port does differently from the default. linux/if_link.h IFLA_BRPORT_*.
struct BridgePort {
  bool hairpin =
      false;  ///< may send a frame back out of the port it came from (a pod that reaches itself by a VIP)
  bool isolated = false;  ///< no frames to other isolated ports (Docker's icc=false)
  bool learning = true;
  bool unicast_flood = true;
  friend bool operator==(const BridgePort&, const BridgePort&) = default;
};

struct Vxlan {
  std::uint32_t vni = 1;
  std::uint16_t port = 8472;  ///< UDP, host order; the Linux default, as flannel uses it
  std::optional<IpAddr> local;
  int underlay_index = 0;  ///< 0: none
  bool learning = false;
  friend bool operator==(const Vxlan&, const Vxlan&) = default;
};

/// A network device as the kernel shows it in one namespace. Value; indices are of that namespace.
struct Link {
  int index = 0;
  std::string name;
  std::string
      kind;  ///< IFLA_INFO_KIND: "veth", "bridge", "vxlan", "dummy", "ifb"; "" for lo and real hardware
  Mac mac;
  std::uint32_t mtu = 0;
  bool up = false;        ///< IFF_UP
  bool running = false;   ///< carrier: IFF_LOWER_UP
  bool promisc = false;   ///< IFF_PROMISC
  int master_index = 0;   ///< the bridge it is a port of; 0: none
  int peer_index = 0;     ///< a veth's other end (IFLA_LINK), an index of the peer's namespace; 0: none
  int peer_netnsid = -1;  ///< IFLA_LINK_NETNSID; -1: same namespace
  std::string alias;
  std::optional<BridgePort> port;  ///< when it is a port of a bridge
  std::optional<Vxlan> vxlan;
  bool vlan_filtering = false;  ///< of a bridge
  friend bool operator==(const Link&, const Link&) = default;
};

/// "eth0 (veth, index 2, 0a:58:0a:f4:01:02, mtu 1500, up)"
[[nodiscard]] std::string describe(const Link& link);

}  // namespace podwire::state
