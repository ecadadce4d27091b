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

/// Makes the bridge if it is not there, sets it up, gives it its addresses; leaves alone what is right
/// already. Errors: EEXIST when a link of that name is no bridge, or when it has a differing address of the
/// same family and replace_addresses is false (both addresses are named). Returns the bridge as it is then.
Result<state::Link> ensure_bridge(Rtnl& rtnl, Sysctl& sysctl, const BridgeWanted& wanted);

}  // namespace podwire::kernel
