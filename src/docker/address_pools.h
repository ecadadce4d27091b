#pragma once
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace podwire::docker {

/// A block of addresses that networks without a `--subnet` take theirs from, each as large as `subnet_length`
/// says.
struct AddressPool {
  Cidr block;
  unsigned subnet_length = 0;
};

/// Docker's default pools, in its order: 31 networks, docker0's 172.17.0.0/16 first.
[[nodiscard]] const std::vector<AddressPool>& default_pools();

/// The first subnet of the pools that overlaps nothing in `taken` (other networks, routes of the namespace).
/// Error: all are taken ("give --subnet").
Result<Cidr> free_subnet(const std::vector<AddressPool>& pools, const std::vector<Cidr>& taken);

/// A unique local IPv6 /64 for a network (RFC 4193), derived from names so that it is the same again; the
/// next one when it overlaps something in `taken`.
Result<Cidr> unique_local_subnet(std::string_view site, std::string_view network,
                                 const std::vector<Cidr>& taken);

}  // namespace podwire::docker
