#include "plan/number_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace podwire::plan {
namespace {

constexpr u128 kHighest = ~u128{0};
constexpr u128 kWord = 64;  // numbers in one node

TEST(NumberSet, TellsWhetherSomethingChanged) {
  NumberSet set;
  EXPECT_TRUE(set.insert(7));
  EXPECT_FALSE(set.insert(7));
  EXPECT_TRUE(set.contains(7));
  EXPECT_EQ(set.size(), 1U);
  EXPECT_TRUE(set.erase(7));
  EXPECT_FALSE(set.erase(7));
  EXPECT_FALSE(set.contains(7));
  EXPECT_EQ(set.size(), 0U);
  EXPECT_EQ(set.nodes(), 0U);
}

TEST(NumberSet, AFullStretchCostsOneNode) {
  NumberSet set;
  for (u128 n = 0; n < kWord * 1000; ++n) ASSERT_TRUE(set.insert(n));
  EXPECT_EQ(set.nodes(), 1U);
  EXPECT_EQ(set.first_missing(0, kHighest), kWord * 1000);
  EXPECT_EQ(set.first_missing(0, kWord * 1000 - 1), std::nullopt);
  EXPECT_TRUE(set.erase(kWord * 500 + 3));
  EXPECT_EQ(set.nodes(), 3U);
  EXPECT_EQ(set.first_missing(0, kHighest), kWord * 500 + 3);
  EXPECT_TRUE(set.insert(kWord * 500 + 3));
  EXPECT_EQ(set.nodes(), 1U);
}

TEST(NumberSet, ReachesBothEnds) {
  NumberSet set;
  EXPECT_TRUE(set.insert(0));
  EXPECT_TRUE(set.insert(kHighest));
  EXPECT_EQ(set.first_missing(kHighest, kHighest), std::nullopt);
  EXPECT_EQ(set.first_missing(kHighest - 1, kHighest), kHighest - 1);
  EXPECT_EQ(set.first_present(1, kHighest), kHighest);
  for (unsigned i = 1; i < 64; ++i) EXPECT_TRUE(set.insert(kHighest - i));
  EXPECT_EQ(set.first_missing(kHighest - 63, kHighest), std::nullopt);
  EXPECT_EQ(set.first_missing(kHighest - 64, kHighest), kHighest - 64);
}

TEST(NumberSet, FindsNothingInABackwardRange) {
  NumberSet set;
  set.insert(5);
  EXPECT_EQ(set.first_missing(6, 5), std::nullopt);
  EXPECT_EQ(set.first_present(6, 4), std::nullopt);
}

TEST(NumberSet, DoesWhatASetDoes) {
  std::mt19937 random(20261123);  // the same steps in every run
  constexpr unsigned kRange = 1000;
  constexpr u128 kBase = (u128{0xfd00} << 112) - 500;  // words and runs that cross a large round number
  NumberSet set;
  std::set<u128> model;
  for (int step = 0; step < 200'000; ++step) {
    const u128 n = kBase + random() % kRange;
    const bool filling = step / 5000 % 2 == 0;
    if (random() % 10 < (filling ? 9U : 2U))
      ASSERT_EQ(set.insert(n), model.insert(n).second);
    else
      ASSERT_EQ(set.erase(n), model.erase(n) == 1);
    ASSERT_EQ(set.size(), model.size());
    if (step % 50 != 0) continue;
    const u128 from = kBase + random() % kRange;
    const u128 to = kBase + random() % kRange;
    std::optional<u128> missing;
    std::optional<u128> present;
    for (u128 i = from; i <= to && !(missing && present); ++i)
      (model.contains(i) ? present : missing) = (model.contains(i) ? present : missing).value_or(i);
    ASSERT_EQ(set.first_missing(from, to), missing) << step;
    ASSERT_EQ(set.first_present(from, to), present) << step;
  }
}

}  // namespace
}  // namespace podwire::plan
