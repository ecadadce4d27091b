#pragma once
#include <string>

#include "base/addr.h"

namespace podwire::kube {

/// The name of the AddressBlock (podwire.io) for a network: "10-244-0-64-26", "fd00-10-244-0-0-0-0-40-122".
/// Each network has one and no other has it, so that creating it is claiming it.
[[nodiscard]] std::string address_block_name(const Cidr& network);

}  // namespace podwire::kube
