#pragma once
#include <optional>

#include "kernel/netlink/reader.h"
#include "kernel/netlink/writer.h"
#include "state/route.h"

namespace podwire::kernel {

/// RTM_NEWROUTE or RTM_DELROUTE as a value; nullopt when it is no unicast IP route (multicast routing). Of a
/// route with several next hops the first is given. Routes that only refuse (blackhole...) have no link,
/// though Linux files the IPv6 ones under lo.
[[nodiscard]] std::optional<state::Route> decode_route(const netlink::Message& message);

/// Starts a message of `type` (RTM_NEWROUTE, RTM_DELROUTE) about a route.
void put_route(netlink::Writer& w, std::uint16_t type, std::uint16_t flags, const state::Route& route);

}  // namespace podwire::kernel
