#include "server/world.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace podwire::server {
namespace {

TEST(World, UuidsAreOfVersion4) {
  EXPECT_EQ(uuid(0, 0), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(uuid(~0ULL, ~0ULL), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(World, EachMomentHasAnotherUidAndSuffix) {
  const auto world = real_world();
  std::set<std::string> uids;
  for (int i = 0; i < 100; ++i) {
    const auto m = world.moment();
    uids.insert(m.uid);
    EXPECT_TRUE(std::regex_match(m.name_suffix, std::regex("[bcdfghjklmnpqrstvwxz2456789]{5}")))
        << m.name_suffix;
  }
  EXPECT_EQ(uids.size(), 100U);
}

}  // namespace
}  // namespace podwire::server
