#pragma once
#include <vector>

#include "kernel/rtnl/rtnl.h"
#include "kernel/sysctl/sysctl.h"

namespace podwire::kernel {

/// A bridge as podwire wants it to be: the switch of a network.
struct BridgeWanted {
  BridgeSpec spec;
  std::vector<Cidr> gateways;      ///< addresses on the bridge itself
  bool replace_addresses = false;  ///< forceAddress: take a differing address of the same family away first
  bool promisc = false;
};

/// Makes the bridge if it is not there, sets it up, gives it its addresses (IPv6 without duplicate address
/// detection, its link-local one too), arp_notify=1 and accept_ra=0; leaves alone what is right already. A
/// bridge made without spec.mac keeps the MAC that it starts with. Errors: EEXIST when a link of that name is
/// no bridge, or when it has another IPv4 address, or another IPv6 address in a gateway's network, and
/// replace_addresses is false (both are named). Returns the bridge as it is then.
Result<state::Link> ensure_bridge(Rtnl& rtnl, Sysctl& sysctl, const BridgeWanted& wanted);

}  // namespace podwire::kernel
