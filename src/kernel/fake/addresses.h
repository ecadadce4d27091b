#pragma once
#include "kernel/fake/namespace.h"

namespace podwire::kernel::fake {

/// Adds an address with the routes that the kernel makes for it. EEXIST when it is there (IPv4: with the same
/// prefix length; IPv6: with any), unless `replace`. EINVAL, EADDRNOTAVAIL and EACCES as the kernel.
Result<> add_address(Namespace& home, const state::Address& address, bool replace);
/// Takes it away with its routes, and with an IPv4 primary its secondaries (unless promote_secondaries).
/// EADDRNOTAVAIL when it is not there.
Result<> delete_address(Namespace& home, const state::Address& address);

/// The kernel's own answers to a change of a link's state.
void link_went_up(Namespace& home, const Device& device);  ///< connected routes; lo gets its own addresses
void link_got_ready(Namespace& home,
                    const Device& device);  ///< carrier: IPv6 link-local address, local routes
void link_went_down(Namespace& home,
                    const Device& device);  ///< all but IPv4 addresses and their local routes goes
void link_lost_ipv6(Namespace& home, const Device& device);  ///< disable_ipv6, or an MTU below 1280

/// Is IPv6 on for this link (disable_ipv6 is 0)? Nothing when the MTU is too small for it.
[[nodiscard]] std::optional<bool> ipv6_enabled(const Namespace& home, const Device& device);

}  // namespace podwire::kernel::fake
