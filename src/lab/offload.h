#pragma once
#include <string>

#include "base/result.h"
#include "kernel/netns/netns.h"

namespace podwire::lab {

/// Lets the kernel itself finish the checksums of what an interface sends (`ethtool -K IFNAME tx off`). By
/// default that is left to the hardware; a veth pair has none, and a capture shows half-made checksums.
Result<> turn_off_checksum_offload(const kernel::NetNs& netns, const std::string& ifname);

}  // namespace podwire::lab
