#pragma once
#include <string>

#include "tests/bench/cni/chain.h"

namespace podwire::bench {

/// Where the compared programs are, and where they keep reservations.
struct Site {
  std::string podwire_cni;
  std::string disk;
};

/// What is compared: one shape of network (a bridge with a gateway, addresses out of 10.SUBNET.0.0/16), each
/// with a bridge and a subnet of its own. `ports`: with masquerade and one published TCP port for each
/// container.
Chain peer_network(const Site& site, int subnet, bool ports);  ///< Debian's bridge, host-local, portmap
Chain our_network(const Site& site, int subnet, bool ports);   ///< one plugin that does all of it
/// The peer's list of two with only the type names changed; with ports.
Chain our_list(const Site& site, int subnet);

/// The peer's plugins, as Debian installs them.
inline constexpr const char* kPeerDirectory = "/usr/lib/cni";

}  // namespace podwire::bench
