#pragma once
#include "kernel/fake/namespace.h"

namespace podwire::kernel::fake {

inline constexpr std::uint32_t kLocalTable = 255;  // RT_TABLE_LOCAL
inline constexpr std::uint32_t kMainTable = 254;   // RT_TABLE_MAIN

/// Adds a route after the kernel's checks: ENODEV, ENETDOWN, a gateway that no route on a link covers
/// (IPv4 ENETUNREACH, IPv6 EHOSTUNREACH), EINVAL for host bits or a foreign source, EEXIST for the same
/// destination and metric in the same table, unless `replace`.
Result<> add_route(Namespace& home, state::Route route, bool replace);
/// ESRCH when there is none. Fields of `route` that are not set match any; the protocol must be the route's
/// own, and for IPv4 type and scope too.
Result<> delete_route(Namespace& home, const state::Route& route);

/// What may be asked of a lookup beside the destination.
struct LookupLimits {
  int link_index = 0;                               ///< only over this link; 0: any
  state::Scope least_scope = state::Scope::global;  ///< IPv4: routes of wider scope do not count
  std::optional<std::uint32_t> first_table;         ///< asked before local and main
};
/// The route a packet takes: longest prefix, then lowest metric, in the tables local, main, default. nullptr:
/// none.
[[nodiscard]] const state::Route* lookup(const Namespace& home, const IpAddr& dst,
                                         const LookupLimits& limits = {});
/// Which route answers for a packet to dst, with what RTM_GETROUTE fails with for reject routes.
Result<state::RouteAnswer> answer(const Namespace& home, const IpAddr& dst, bool fib_match);

[[nodiscard]] bool is_local(const Namespace& home, const IpAddr& addr);

}  // namespace podwire::kernel::fake
