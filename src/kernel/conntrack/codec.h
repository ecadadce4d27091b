#pragma once
#include <cstdint>
#include <optional>

#include "kernel/netlink/reader.h"
#include "kernel/netlink/writer.h"
#include "state/flow.h"

namespace podwire::kernel {

/// A dump request for the flows that match, as far as the kernel is asked to tell: family and mark; with a
/// family also protocol and original destination port, since Linux 5.8 (an older one ignores them). The
/// caller still asks filter.matches().
void put_flow_query(netlink::Writer& w, const state::FlowFilter& filter);

/// A request to delete this flow and no later one with the same addresses and ports.
void put_flow_deletion(netlink::Writer& w, const state::Flow& flow);

/// nullopt when it is no flow of IPv4 or IPv6.
std::optional<state::Flow> read_flow(const netlink::Message& message);

}  // namespace podwire::kernel
