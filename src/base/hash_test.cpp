#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>

namespace podwire {
namespace {

TEST(StableHash, IsTheSameInEveryRelease) {
  EXPECT_EQ(stable_hash(""), 0xf52a15e9a9b5e89bULL);
  EXPECT_EQ(stable_hash("a"), 0x02c0bdbf481420f8ULL);
  EXPECT_EQ(stable_hash("eth0"), 0x63100966ff59ac85ULL);
  EXPECT_EQ(stable_name("eth0", 11), "feltv73mjae");
}

TEST(StableName, HasTheLengthAskedForUpToTwelve) {
  for (unsigned n = 0; n <= 12; ++n) EXPECT_EQ(stable_name("pod", n).size(), n);
  EXPECT_EQ(stable_name("pod", 40).size(), 12u);
  EXPECT_TRUE(stable_name("pod", 12).starts_with(stable_name("pod", 5)));
}

TEST(StableName, SpreadsSimilarNames) {
  std::set<std::string> names;
  for (int i = 0; i < 20000; ++i) names.insert(stable_name("default/hello-" + std::to_string(i), 11));
  EXPECT_EQ(names.size(), 20000u);
}

}  // namespace
}  // namespace podwire
