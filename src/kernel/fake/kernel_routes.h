#pragma once
#include <vector>

#include "kernel/fake/namespace.h"

namespace podwire::kernel::fake {

[[nodiscard]] inline bool is_loopback(const Device& device) {
  return device.link.kind.empty() && device.link.index == 1;
}

/// The routes that the kernel itself keeps for a link's addresses as they are now: local, connected,
/// broadcast (IPv4) and multicast (IPv6). Pure.
[[nodiscard]] std::vector<state::Route> kernel_routes(const Namespace& home, const Device& device);

/// Deletes what is only in `before` and adds what is only in `after`; a connected route that someone deleted
/// by hand is in both and stays away.
void apply_kernel_routes(Namespace& home, const std::vector<state::Route>& before,
                         const std::vector<state::Route>& after);

}  // namespace podwire::kernel::fake
