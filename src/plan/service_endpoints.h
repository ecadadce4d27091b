#pragma once
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/addr.h"
#include "kube/types/endpoint_slice.h"

namespace podwire::plan {

/// Where a Service's packets end.
struct Target {
  IpAddr address;
  std::uint16_t port = 0;
  friend auto operator<=>(const Target&, const Target&) = default;
};

/// The node that plans, as endpoints are told apart by it.
struct ProxyNode {
  std::string name, zone;
};

/// The endpoints of one port of a Service, of one family.
struct EndpointChoice {
  std::vector<Target> cluster;  ///< for internal and external traffic under the policy Cluster; sorted
  std::vector<Target> local;    ///< under the policy Local: those on this node; sorted
  std::vector<Target>
      local_usable;             ///< all on this node that may get packets by any way: may reach themselves
  std::vector<Target> serving;  ///< all that may still be in use, for flows that have begun; sorted
  std::size_t local_ready = 0;  ///< what a health check node port counts
  bool any = false;             ///< somebody anywhere could answer
};

/// Of all slices of a Service: the ready ones; where there are none, those that end but still serve
/// (KEP-1669), in the cluster and on this node independently. With topology hints for all, those of this
/// node, or of its zone (KEP-2433, KEP-3015, KEP-4444). A port is told by its name. What another node or
/// family, or a duplicate, is, is passed over. Pure; costs the slices once.
[[nodiscard]] EndpointChoice choose_endpoints(std::span<const kube::EndpointSlice* const> slices,
                                              Family family, std::string_view port_name,
                                              std::string_view protocol, const ProxyNode& node);

}  // namespace podwire::plan
