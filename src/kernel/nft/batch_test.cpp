#include <gtest/gtest.h>

#include "kernel/nft/nft.h"

namespace podwire::kernel {
namespace {

using state::NftBytes;
using state::NftElement;
using state::NftFamily;

TEST(NftBatch, PrintsALineForEachElementInOrder) {
  NftBatch batch;
  EXPECT_TRUE(batch.empty());
  batch.flush({NftFamily::inet, "t", "m"})
      .add({NftFamily::inet, "t", "m"},
           {{.key = NftBytes().port(80), .data = NftBytes().port(8080), .comment = "pod-1"},
            {.key = NftBytes().port(81), .data = NftBytes().port(8081)}})
      .create({NftFamily::ipv4, "u", "s"}, {{.key = NftBytes().protocol(6)}})
      .remove({NftFamily::ipv6, "u", "s"}, {{.key = NftBytes().protocol(17)}});
  EXPECT_FALSE(batch.empty());
  EXPECT_EQ(batch.str(),
            "flush set inet t m\n"
            "add element inet t m 00500000 : 1f900000 comment \"pod-1\"\n"
            "add element inet t m 00510000 : 1f910000\n"
            "create element ip u s 06000000\n"
            "delete element ip6 u s 11000000\n");
}

TEST(NftBatch, AStepWithoutElementsPrintsNothing) {
  EXPECT_EQ(NftBatch().remove({NftFamily::inet, "t", "s"}, {}).str(), "");
}

}  // namespace
}  // namespace podwire::kernel
