#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "plan/service_proxy.h"
#include "state/nft.h"

namespace podwire::plan {

/// An element and the set of services.nft that it is for.
struct SetElement {
  std::string set;
  state::NftElement element;
  friend bool operator==(const SetElement&, const SetElement&) = default;
};

/// Chains that elements lead to, beside the fixed ones: "lb-3", "hash-3", "remember-10800". What each does
/// follows from its name.
using ServiceChains = std::set<std::string>;

struct ServiceElements {
  std::vector<SetElement> elements;
  ServiceChains chains;
};

/// The elements of one Service. `numbers` has that of each pool of each port (PoolNumbers), in their order.
[[nodiscard]] ServiceElements elements_of(const PlannedService& service,
                                          const std::vector<std::vector<std::uint32_t>>& numbers);

/// What the whole node says, whatever Services there are.
struct ProxySite {
  std::vector<Cidr> service_cidrs;  ///< what is not a Service's in there leads nowhere
  std::vector<Cidr> pod_cidrs;      ///< of the cluster; empty: not known, and nobody counts as a pod
  std::vector<IpAddr> node_port_addresses;
};
[[nodiscard]] std::vector<SetElement> elements_of(const ProxySite& site);

/// The text that makes a chain, for `nft -f`; a chain that is there already is as before. Empty: no such
/// name.
[[nodiscard]] std::string chain_text(const std::string& name);

/// The set's name for a frontend that a pool answers for, and for one that nobody does.
[[nodiscard]] std::string frontend_set(const Frontend& frontend, bool answered);
[[nodiscard]] state::NftBytes frontend_key(const Frontend& frontend);

}  // namespace podwire::plan
