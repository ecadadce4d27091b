#include "docker/address_pools.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"

namespace podwire::docker {
namespace {

IpAddr v4(unsigned a, unsigned b) { return IpAddr::from_value(Family::v4, u128{a} << 24 | u128{b} << 16); }

bool is_free(const Cidr& subnet, const std::vector<Cidr>& taken) {
  return std::ranges::none_of(
      taken, [&](const Cidr& t) { return t.family() == subnet.family() && t.overlaps(subnet); });
}

}  // namespace

const std::vector<AddressPool>& default_pools() {
  static const std::vector<AddressPool> pools{
      {{v4(172, 17), 16}, 16}, {{v4(172, 18), 16}, 16}, {{v4(172, 19), 16}, 16}, {{v4(172, 20), 14}, 16},
      {{v4(172, 24), 14}, 16}, {{v4(172, 28), 14}, 16}, {{v4(192, 168), 16}, 20}};
  return pools;
}

Result<Cidr> free_subnet(const std::vector<AddressPool>& pools, const std::vector<Cidr>& taken) {
  for (const auto& pool : pools) {
    const Family family = pool.block.family();
    const u128 step = u128{1} << (address_bits(family) - pool.subnet_length);
    for (u128 at = pool.block.first().value(); at <= pool.block.last().value(); at += step)
      if (const Cidr subnet(IpAddr::from_value(family, at), pool.subnet_length); is_free(subnet, taken))
        return subnet;
  }
  return fail("choose a subnet", {}, 0,
              "every default subnet overlaps a route or another network; remove networks that are not used "
              "(podwire network ls) or give --subnet");
}

Result<Cidr> unique_local_subnet(std::string_view site, std::string_view network,
                                 const std::vector<Cidr>& taken) {
  constexpr u128 kPrefix = u128{0xfd} << 120;
  const u128 global = u128{stable_hash(site) & 0xff'ffff'ffff} << 80;
  constexpr unsigned kTries = 256;
  for (unsigned i = 0; i < kTries; ++i) {
    const u128 id = u128{(stable_hash(network) + i) & 0xffff} << 64;
    if (const Cidr subnet(IpAddr::from_value(Family::v6, kPrefix | global | id), 64); is_free(subnet, taken))
      return subnet;
  }
  return fail("choose an IPv6 subnet", network, 0, "give --subnet");
}

}  // namespace podwire::docker
