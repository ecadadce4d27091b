#pragma once
#include <optional>

#include "kernel/netlink/reader.h"
#include "kernel/netlink/writer.h"
#include "state/address.h"

namespace podwire::kernel {

/// RTM_NEWADDR or RTM_DELADDR as a value; nullopt when it is no IP address.
[[nodiscard]] std::optional<state::Address> decode_address(const netlink::Message& message);

/// Starts a message of `type` (RTM_NEWADDR, RTM_DELADDR) about an address.
void put_address(netlink::Writer& w, std::uint16_t type, std::uint16_t flags, const state::Address& address);

}  // namespace podwire::kernel
