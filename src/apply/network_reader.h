#pragma once
#include "base/result.h"
#include "kernel/rtnl/rtnl.h"
#include "state/network.h"

namespace podwire::apply {

/// What is there of what an agent makes: VXLAN devices under flannel's names, whoever made them, with the
/// neighbours and FDB entries on them, and routes of the agent's protocol number. A few dumps.
Result<state::Network> read_network(kernel::Rtnl& rtnl);

}  // namespace podwire::apply
