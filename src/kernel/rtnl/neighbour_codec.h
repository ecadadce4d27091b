#pragma once
#include <cstdint>
#include <optional>

#include "kernel/netlink/reader.h"
#include "kernel/netlink/writer.h"
#include "state/neighbour.h"

namespace podwire::kernel {

/// RTM_NEWNEIGH or RTM_DELNEIGH of an IP family; nullopt for any other.
[[nodiscard]] std::optional<state::Neighbour> decode_neighbour(const netlink::Message& message);
/// The same messages of AF_BRIDGE: forwarding entries.
[[nodiscard]] std::optional<state::FdbEntry> decode_fdb(const netlink::Message& message);

void put_neighbour(netlink::Writer& w, std::uint16_t type, std::uint16_t flags,
                   const state::Neighbour& neighbour);
void put_fdb(netlink::Writer& w, std::uint16_t type, std::uint16_t flags, const state::FdbEntry& entry);

}  // namespace podwire::kernel
