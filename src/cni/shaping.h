#pragma once
#include "cni/error.h"
#include "cni/netconf.h"
#include "kernel/rtnl/rtnl.h"

namespace podwire::cni {

/// Bits as the capability says them to a token bucket in bytes. A burst too small for one packet is widened
/// to the MTU, one too large for the kernel's 32 bits is cut; at most 25 ms of the rate wait beyond the
/// burst.
[[nodiscard]] state::TokenBucket bucket_of(std::uint64_t rate_bits, std::uint64_t burst_bits,
                                           std::uint32_t mtu);

/// Ingress (to the container) is shaped where the host's end sends; egress is sent through an ifb device of
/// its own and shaped there, on the host's side, where the container cannot take it off.
CniResult<> shape(kernel::Rtnl& rtnl, const state::Link& host_end, const Bandwidth& bandwidth,
                  const std::string& ifb);

/// Code 102 when a shaper is missing or another rate is set.
CniResult<> check_shape(kernel::Rtnl& rtnl, const state::Link& host_end, const Bandwidth& bandwidth,
                        const std::string& ifb);

}  // namespace podwire::cni
