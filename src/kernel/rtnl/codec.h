#pragma once
#include <optional>

#include "kernel/netlink/reader.h"
#include "kernel/netlink/writer.h"
#include "state/address.h"
#include "state/link.h"
#include "state/neighbour.h"
#include "state/route.h"

/// Messages of rtnetlink to values. nullopt: another kind of message, or too short to mean anything.
namespace podwire::kernel::codec {

std::optional<state::Link> read_link(const netlink::Message& message);        ///< RTM_NEWLINK, RTM_DELLINK
std::optional<state::Address> read_address(const netlink::Message& message);  ///< RTM_NEWADDR, RTM_DELADDR
std::optional<state::Route> read_route(const netlink::Message& message);      ///< RTM_NEWROUTE, RTM_DELROUTE
std::optional<state::Neighbour> read_neighbour(
    const netlink::Message& message);  ///< RTM_NEWNEIGH of AF_INET, AF_INET6
std::optional<state::FdbEntry> read_fdb(const netlink::Message& message);  ///< RTM_NEWNEIGH of AF_BRIDGE

}  // namespace podwire::kernel::codec
