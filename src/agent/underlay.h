#pragma once
#include <span>
#include <vector>

#include "kernel/rtnl/rtnl.h"
#include "plan/node_network.h"

namespace podwire::agent {

/// The machine's own addresses by which others reach it: of each family the one that packets to elsewhere
/// leave with (the default route's), else the first global one. IPv4 first. For nodes that are not told.
Result<std::vector<IpAddr>> machine_addresses(kernel::Rtnl& rtnl);

/// The links that carry the node's addresses. An address that is on no link (an external one) has no
/// underlay.
Result<std::vector<plan::Underlay>> find_underlays(kernel::Rtnl& rtnl, std::span<const IpAddr> addresses);

}  // namespace podwire::agent
