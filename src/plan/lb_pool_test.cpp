#include "plan/lb_pool.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace podwire::plan {
namespace {

AddressRun run(std::string_view text) { return address_run(text).value(); }
IpAddr ip(std::string_view text) { return IpAddr::parse(text).value(); }

TEST(AddressRun, IsReadFromThreeForms) {
  EXPECT_EQ(run("192.0.2.10-192.0.2.20"), (AddressRun{ip("192.0.2.10"), ip("192.0.2.20")}));
  EXPECT_EQ(run("192.0.2.16/28"), (AddressRun{ip("192.0.2.16"), ip("192.0.2.31")}));
  EXPECT_EQ(run("2001:db8::1"), (AddressRun{ip("2001:db8::1"), ip("2001:db8::1")}));
}

TEST(AddressRun, RefusesWhatIsNone) {
  for (const auto* text : {"", "x", "192.0.2.1-", "-192.0.2.1", "192.0.2.9-192.0.2.1",
                           "192.0.2.1-2001:db8::1", "192.0.2.17/28", "192.0.2.1-192.0.2.2-192.0.2.3"})
    EXPECT_FALSE(address_run(text)) << text;
}

TEST(LbPool, RefusesRunsThatOverlap) {
  const std::vector runs{run("192.0.2.0/28"), run("2001:db8::/120"), run("192.0.2.15-192.0.2.16")};
  EXPECT_FALSE(LbPool::over(runs));
}

TEST(LbPool, GivesTheLowestOfTheFamily) {
  const std::vector runs{run("192.0.2.8-192.0.2.9"), run("2001:db8::5"), run("192.0.2.1")};
  auto pool = LbPool::over(runs).value();
  EXPECT_EQ(pool.allocate(Family::v4), ip("192.0.2.1"));
  EXPECT_TRUE(pool.take(ip("192.0.2.8")));
  EXPECT_EQ(pool.allocate(Family::v4), ip("192.0.2.9"));
  EXPECT_EQ(pool.allocate(Family::v4), std::nullopt);
  EXPECT_EQ(pool.allocate(Family::v6), ip("2001:db8::5"));
  pool.release(ip("192.0.2.8"));
  EXPECT_EQ(pool.allocate(Family::v4), ip("192.0.2.8"));
}

// Against a model that is too simple to be wrong.
TEST(LbPool, AgreesWithASet) {
  std::mt19937 random(7);
  const std::vector runs{run("192.0.2.3-192.0.2.40"), run("198.51.100.0/27"),
                         run("2001:db8::10-2001:db8::4f")};
  auto pool = LbPool::over(runs).value();
  std::set<IpAddr> free, taken;
  for (const auto& r : runs)
    for (auto v = r.first.value(); v <= r.last.value(); ++v)
      free.insert(IpAddr::from_value(r.first.family(), v));
  const auto any_address = [&] {
    const auto v4 = IpAddr::from_value(Family::v4, ip("192.0.2.0").value() + random() % 48);
    const auto v6 = IpAddr::from_value(Family::v6, ip("2001:db8::").value() + random() % 96);
    return random() % 2 == 0 ? v4 : v6;
  };
  for (int step = 0; step < 50'000; ++step) {
    const auto family = random() % 2 == 0 ? Family::v4 : Family::v6;
    const auto address = any_address();
    switch (random() % 3) {
      case 0: {
        std::optional<IpAddr> expected;
        for (const auto& a : free)
          if (!expected && a.family() == family) expected = a;
        const auto got = pool.allocate(family);
        ASSERT_EQ(got, expected) << "step " << step;
        if (got) free.erase(*got), taken.insert(*got);
        break;
      }
      case 1:
        ASSERT_EQ(pool.take(address), free.contains(address)) << "step " << step << " " << address.str();
        if (free.erase(address) != 0) taken.insert(address);
        break;
      default:
        pool.release(address);
        if (taken.erase(address) != 0) free.insert(address);
    }
  }
}

}  // namespace
}  // namespace podwire::plan
