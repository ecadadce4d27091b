#include "plan/address_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace podwire::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Cidr cidr(const std::string& text) { return Cidr::parse(text).value(); }

const std::vector<Cidr> kV4{cidr("10.244.0.0/16")};

TEST(AddressBlocks, FirstBlock) {
  const auto change = plan_address_blocks({.node = "node0", .cluster_cidrs = kV4, .blocks = {}});
  ASSERT_THAT(change.claim, SizeIs(1));
  EXPECT_EQ(change.claim[0].length(), 26U);
  EXPECT_TRUE(kV4[0].overlaps(change.claim[0]));
  EXPECT_THAT(change.release, IsEmpty());
  const auto other = plan_address_blocks({.node = "node1", .cluster_cidrs = kV4, .blocks = {}});
  EXPECT_NE(other.claim, change.claim) << "nodes begin at different places";
}

TEST(AddressBlocks, OneOfEachFamily) {
  const std::vector<Cidr> both{cidr("10.244.0.0/16"), cidr("fd00:10:244::/56")};
  const auto change = plan_address_blocks({.node = "node0", .cluster_cidrs = both, .blocks = {}});
  ASSERT_THAT(change.claim, SizeIs(2));
  EXPECT_EQ(change.claim[0].length(), 26U);
  EXPECT_EQ(change.claim[1].length(), 122U);
}

TEST(AddressBlocks, MoreBeforeTheLastAddressIsGone) {
  const std::vector<AddressBlock> blocks{{cidr("10.244.0.64/26"), "node0"}};
  const auto all = block_capacity(blocks[0].cidr);
  const auto with = [&](std::uint64_t pods) {
    return plan_address_blocks({.node = "node0", .cluster_cidrs = kV4, .blocks = blocks, .pods = pods}).claim;
  };
  EXPECT_THAT(with(all - 1), IsEmpty());
  EXPECT_THAT(with(all), SizeIs(1));
  EXPECT_THAT(with(all * 3), SizeIs(3));
}

TEST(AddressBlocks, AddressesOfPodsThatAreGoneCountToo) {
  const std::vector<AddressBlock> blocks{{cidr("10.244.0.64/26"), "node0"}};
  const auto change = plan_address_blocks({.node = "node0",
                                           .cluster_cidrs = kV4,
                                           .blocks = blocks,
                                           .pods = 1,
                                           .given = {{blocks[0].cidr, block_capacity(blocks[0].cidr)}}});
  EXPECT_THAT(change.claim, SizeIs(1));
}

TEST(AddressBlocks, EmptyOnesGoBackTheHighestFirst) {
  const std::vector<AddressBlock> blocks{{cidr("10.244.0.0/26"), "node0"},
                                         {cidr("10.244.0.64/26"), "node0"},
                                         {cidr("10.244.0.128/26"), "node0"},
                                         {cidr("10.244.0.192/26"), "other"}};
  const auto change = plan_address_blocks({.node = "node0", .cluster_cidrs = kV4, .blocks = blocks});
  EXPECT_THAT(change.release, ElementsAre(cidr("10.244.0.128/26"), cidr("10.244.0.64/26")))
      << "one stays, and nobody else's goes";
  const auto used = plan_address_blocks({.node = "node0",
                                         .cluster_cidrs = kV4,
                                         .blocks = blocks,
                                         .pods = 1,
                                         .given = {{cidr("10.244.0.128/26"), 1}}});
  EXPECT_THAT(used.release, ElementsAre(cidr("10.244.0.64/26"), cidr("10.244.0.0/26")));
}

TEST(AddressBlocks, APodThatComesAndGoesMovesNothing) {
  std::vector<AddressBlock> blocks{{cidr("10.244.0.0/26"), "node0"}, {cidr("10.244.0.64/26"), "node0"}};
  const auto full = block_capacity(blocks[0].cidr);
  for (const auto pods : {full, full - 1}) {
    const auto change =
        plan_address_blocks({.node = "node0", .cluster_cidrs = kV4, .blocks = blocks, .pods = pods});
    EXPECT_EQ(change, BlockChange()) << pods;
  }
}

TEST(AddressBlocks, NothingLeft) {
  const std::vector<Cidr> small{cidr("10.244.0.0/25")};
  const std::vector<AddressBlock> blocks{{cidr("10.244.0.0/26"), "a"}, {cidr("10.244.0.64/26"), "b"}};
  const auto change = plan_address_blocks({.node = "node0", .cluster_cidrs = small, .blocks = blocks});
  EXPECT_THAT(change.claim, IsEmpty());
  EXPECT_THAT(change.problems, ElementsAre("all blocks of /26 of the cluster CIDR 10.244.0.0/25 are taken"));
}

TEST(AddressBlocks, BlocksThatDoNotFit) {
  const std::vector<Cidr> small{cidr("10.244.0.0/28")};
  const auto change = plan_address_blocks({.node = "node0", .cluster_cidrs = small, .blocks = {}});
  EXPECT_THAT(change.problems, ElementsAre("blocks of /26 do not fit into the cluster CIDR 10.244.0.0/28"));
}

TEST(AddressBlocks, OtherSizesOfOtherNodesAreTakenWhole) {
  const std::vector<Cidr> small{cidr("10.244.0.0/24")};
  const std::vector<AddressBlock> blocks{{cidr("10.244.0.0/25"), "a"}, {cidr("10.244.0.144/28"), "b"}};
  const auto change = plan_address_blocks({.node = "node0", .cluster_cidrs = small, .blocks = blocks});
  EXPECT_THAT(change.claim, ElementsAre(cidr("10.244.0.192/26")));
}

/// Nodes whose pods come and go at random, each doing what the plan says: nobody's block is ever claimed, and
/// every pod has room.
TEST(AddressBlocks, Property) {
  std::mt19937 random(7);
  std::map<Cidr, std::string> taken;
  std::map<std::string, std::uint64_t> pods;
  for (int step = 0; step < 2000; ++step) {
    const auto node = "node" + std::to_string(random() % 8);
    pods[node] = random() % 300;
    std::vector<AddressBlock> blocks;
    for (const auto& [block, owner] : taken) blocks.push_back({block, owner});
    BlockView view{.node = node, .cluster_cidrs = kV4, .blocks = blocks, .pods = pods[node]};
    auto left = pods[node];
    for (const auto& [block, owner] : taken)
      if (owner == node) {
        view.given[block] = std::min(left, block_capacity(block));
        left -= view.given[block];
      }
    const auto change = plan_address_blocks(view);
    EXPECT_THAT(change.problems, IsEmpty());
    for (const auto& block : change.claim) ASSERT_TRUE(taken.emplace(block, node).second) << block.str();
    for (const auto& block : change.release) {
      ASSERT_EQ(taken.at(block), node);
      ASSERT_EQ(view.given[block], 0U);
      taken.erase(block);
    }
    std::uint64_t room = 0;
    for (const auto& [block, owner] : taken)
      if (owner == node) room += block_capacity(block);
    EXPECT_GT(room, pods[node]);
  }
}

}  // namespace
}  // namespace podwire::plan
