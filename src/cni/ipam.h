#pragma once
#include <vector>

#include "cni/result.h"
#include "cni/verbs.h"

namespace podwire::cni {

/// Addresses for one attachment, from our own store or from the plugin that ipam.type names.
struct Leases {
  std::vector<IpConfig> ips;
  std::vector<ResultRoute> routes;
  Dns dns;
};

/// No ipam in the configuration: no addresses. On failure nothing stays reserved.
CniResult<Leases> acquire_addresses(const Call& call);
/// Success when nothing was held. `known`: the addresses, if the record tells them.
CniResult<> release_addresses(const Call& call, const std::vector<Cidr>& known);
/// Code 102 when an address of `ips` is not reserved for this owner (or the delegate's CHECK says so).
CniResult<> check_addresses(const Call& call, const std::vector<IpConfig>& ips);
CniResult<> collect_address_garbage(const Call& call, const std::vector<Owner>& valid);
/// Code 50 when a pool is exhausted (or the delegate's STATUS says so).
CniResult<> address_status(const Call& call);

}  // namespace podwire::cni
