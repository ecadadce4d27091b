#include "plan/address_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/hash.h"
#include "plan/address_pool.h"
#include "plan/number_set.h"

namespace podwire::plan {
namespace {

/// A cluster CIDR, cut into numbered blocks.
class Pool {
 public:
  Pool(const Cidr& range, unsigned length)
      : range_(range), length_(length), count_(u128{1} << (length - range.length())) {}

  [[nodiscard]] u128 count() const { return count_; }
  [[nodiscard]] Cidr at(u128 index) const {
    return {IpAddr::from_value(range_.family(), range_.first().value() + (index << shift())), length_};
  }
  void take(const Cidr& cidr) {
    if (!cidr.overlaps(range_)) return;
    const auto first = std::max(cidr.first(), range_.first()), last = std::min(cidr.last(), range_.last());
    for (u128 n = index(first); n <= index(last); ++n) taken_.insert(n);
  }
  /// The first free one at or behind `start`, around the end.
  [[nodiscard]] std::optional<u128> free_from(u128 start) const {
    if (auto found = taken_.first_missing(start, count_ - 1)) return found;
    return start > 0 ? taken_.first_missing(0, start - 1) : std::nullopt;
  }

 private:
  [[nodiscard]] unsigned shift() const { return address_bits(range_.family()) - length_; }
  [[nodiscard]] u128 index(const IpAddr& addr) const {
    return (addr.value() - range_.first().value()) >> shift();
  }

  Cidr range_;
  unsigned length_;
  u128 count_;
  NumberSet taken_;
};

std::uint64_t given_of(const BlockView& view, const Cidr& block) {
  const auto at = view.given.find(block);
  return at == view.given.end() ? 0 : at->second;
}

void plan_family(const BlockView& view, const Cidr& range, BlockChange& out) {
  const auto length = view.sizes.of(range.family());
  if (length < range.length() || length > address_bits(range.family()) - 2) {
    out.problems.push_back(
        fmt::format("blocks of /{} do not fit into the cluster CIDR {}", length, range.str()));
    return;
  }
  Pool pool(range, length);
  std::vector<Cidr> own;
  std::uint64_t capacity = 0, given = 0;
  for (const auto& block : view.blocks) {
    pool.take(block.cidr);
    if (block.node != view.node || !block.cidr.overlaps(range)) continue;
    own.push_back(block.cidr);
    capacity += block_capacity(block.cidr);
    given += given_of(view, block.cidr);
  }
  std::ranges::sort(own);
  // One address is always free, so that the next pod does not have to wait for a claim.
  const auto needed = std::max(view.pods, given) + 1;
  const auto start = static_cast<u128>(stable_hash(view.node)) % pool.count();
  for (auto index = pool.free_from(start); capacity < needed; index = pool.free_from(start)) {
    if (!index) {
      out.problems.push_back(
          fmt::format("all blocks of /{} of the cluster CIDR {} are taken", length, range.str()));
      return;
    }
    out.claim.push_back(pool.at(*index));
    pool.take(out.claim.back());
    capacity += block_capacity(out.claim.back());
  }
  const auto spare = block_capacity(pool.at(0)) / 2;
  for (auto block = own.rbegin(); block != own.rend() && own.size() - out.release.size() > 1; ++block) {
    if (given_of(view, *block) != 0 || capacity - block_capacity(*block) < needed + spare) continue;
    out.release.push_back(*block);
    capacity -= block_capacity(*block);
  }
}

}  // namespace

std::uint64_t block_capacity(const Cidr& block) {
  const auto range = complete(Range{.subnet = block.network(), .first = {}, .last = {}, .gateway = {}});
  if (!range) return 0;
  return static_cast<std::uint64_t>(
      std::min<u128>(capacity({*range}), std::numeric_limits<std::uint64_t>::max() / 4));
}

BlockChange plan_address_blocks(const BlockView& view) {
  BlockChange out;
  for (const auto& range : view.cluster_cidrs) {
    BlockChange one;
    plan_family(view, range, one);
    std::ranges::move(one.claim, std::back_inserter(out.claim));
    std::ranges::move(one.release, std::back_inserter(out.release));
    std::ranges::move(one.problems, std::back_inserter(out.problems));
  }
  return out;
}

}  // namespace podwire::plan
