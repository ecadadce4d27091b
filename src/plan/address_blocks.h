#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"

namespace podwire::plan {

/// A piece of the cluster CIDR out of which one node gives its pods their addresses.
struct AddressBlock {
  Cidr cidr;
  std::string node;  ///< who has it
  friend auto operator<=>(const AddressBlock&, const AddressBlock&) = default;
};

/// Prefix lengths of the blocks of each family.
struct BlockSizes {
  unsigned v4 = 26, v6 = 122;
  [[nodiscard]] unsigned of(Family family) const { return family == Family::v4 ? v4 : v6; }
};

struct BlockView {
  std::string_view node;                  ///< ours
  std::span<const Cidr> cluster_cidrs;    ///< at most one a family
  std::span<const AddressBlock> blocks;   ///< of all nodes, in any order
  std::uint64_t pods = 0;                 ///< of ours, with an address or about to want one
  std::map<Cidr, std::uint64_t> given{};  ///< by our block: how many of its addresses pods have
  BlockSizes sizes{};
};

struct BlockChange {
  std::vector<Cidr> claim;            ///< to be made ours; the claim decides whether they become it
  std::vector<Cidr> release;          ///< ours that nobody needs any more
  std::vector<std::string> problems;  ///< why pods will get no address
  friend bool operator==(const BlockChange&, const BlockChange&) = default;
};

/// Which blocks a node should have: one more when its pods fill those that it has, never another node's; back
/// goes what is empty, with half a block to spare, so that a pod that comes and goes moves nothing; one
/// stays. Where a node looks for blocks first depends on its name, so that nodes seldom want the same. Pure;
/// costs the blocks once.
[[nodiscard]] BlockChange plan_address_blocks(const BlockView& view);

/// How many addresses pods can have out of a block.
[[nodiscard]] std::uint64_t block_capacity(const Cidr& block);

}  // namespace podwire::plan
