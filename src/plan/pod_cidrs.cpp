#include "plan/pod_cidrs.h"

#include <algorithm>
#include <optional>

namespace podwire::plan {

Cidr PodCidrs::Pool::at(u128 index) const {
  const unsigned shift = address_bits(range.family()) - mask_size;  // < 128: a mask size is never 0
  return {IpAddr::from_value(range.family(), range.first().value() + (index << shift)), mask_size};
}

PodCidrs::Pool::Run PodCidrs::Pool::indices(const Cidr& cidr) const {
  if (cidr.length() <= range.length()) return {0, count - 1};
  const unsigned shift = address_bits(range.family()) - mask_size;
  const auto index = [&](const IpAddr& addr) { return (addr.value() - range.first().value()) >> shift; };
  return {index(cidr.first()), index(cidr.last())};
}

void PodCidrs::Pool::take(u128 index) {
  if (!used.insert(index) && !reserved.contains(index)) ++sharers[index];
}

void PodCidrs::Pool::give_back(u128 index) {
  if (reserved.contains(index)) return;
  if (const auto shared = sharers.find(index); shared != sharers.end()) {
    if (--shared->second == 0) sharers.erase(shared);
    return;
  }
  used.erase(index);
}

Result<PodCidrs> PodCidrs::over(std::span<const Cidr> cluster_cidrs, MaskSizeFlags flags,
                                std::span<const Cidr> service_ranges) {
  const auto sizes = TRY(node_mask_sizes(cluster_cidrs, flags));
  PodCidrs out;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const unsigned bits = sizes[i] - cluster_cidrs[i].length();
    auto& pool = out.pools_.emplace_back(
        Pool{.range = cluster_cidrs[i], .mask_size = sizes[i], .count = u128{1} << bits});
    for (const auto& services : service_ranges) {
      if (!pool.range.overlaps(services)) continue;
      if (services.length() <= pool.range.length())
        return fail("--cluster-cidr " + pool.range.str(), {}, 0,
                    "lies wholly in the service range " + services.str() +
                        "; there are no remaining CIDRs left to allocate in the accepted range");
      const auto [first, last] = pool.indices(services);
      for (u128 n = first; n <= last; ++n) {
        pool.used.insert(n);
        pool.reserved.insert(n);
      }
    }
  }
  return out;
}

Result<std::vector<Cidr>> PodCidrs::allocate() {
  std::vector<u128> found;
  for (const auto& pool : pools_) {
    auto index = pool.used.first_missing(pool.next, pool.count - 1);
    if (!index && pool.next > 0) index = pool.used.first_missing(0, pool.next - 1);
    if (!index)
      return fail(
          "CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range");
    found.push_back(*index);
  }
  std::vector<Cidr> out;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    auto& pool = pools_[i];
    pool.take(found[i]);
    pool.next = (found[i] + 1) % pool.count;
    out.push_back(pool.at(found[i]));
  }
  return out;
}

PodCidrs::Pool* PodCidrs::pool_of(const Cidr& cidr) {
  const auto it = std::ranges::find_if(pools_, [&](const Pool& p) { return p.range.overlaps(cidr); });
  return it == pools_.end() ? nullptr : &*it;
}

Result<> PodCidrs::occupy(std::span<const Cidr> cidrs) {
  for (const auto& cidr : cidrs) {
    if (pool_of(cidr) != nullptr) continue;
    const auto* pool = pool_of(cidr.family());
    return fail("cidr " + cidr.str() + " is out the range of cluster cidr " +
                (pool != nullptr ? pool->range.str() : std::string("(none of its family)")));
  }
  for (const auto& cidr : cidrs) {
    auto* pool = pool_of(cidr);
    const auto [first, last] = pool->indices(cidr);
    for (u128 n = first; n <= last; ++n) pool->take(n);
  }
  return {};
}

void PodCidrs::release(std::span<const Cidr> cidrs) {
  for (const auto& cidr : cidrs) {
    auto* pool = pool_of(cidr);
    if (pool == nullptr) continue;
    const auto [first, last] = pool->indices(cidr);
    for (u128 n = first; n <= last; ++n) pool->give_back(n);
  }
}

const PodCidrs::Pool* PodCidrs::pool_of(Family family) const {
  const auto it = std::ranges::find_if(pools_, [&](const Pool& p) { return p.range.family() == family; });
  return it == pools_.end() ? nullptr : &*it;
}

std::uint64_t PodCidrs::capacity(Family family) const {
  const auto* pool = pool_of(family);
  return pool == nullptr ? 0 : static_cast<std::uint64_t>(pool->count) - pool->reserved.size();
}

std::uint64_t PodCidrs::taken(Family family) const {
  const auto* pool = pool_of(family);
  return pool == nullptr ? 0 : pool->used.size() - pool->reserved.size();
}

}  // namespace podwire::plan
