#include "plan/node_ports.h"

#include <gtest/gtest.h>

#include <set>

namespace podwire::plan {
namespace {

NodePorts ports(PortRange range, std::uint64_t draw = 0) {
  return {range, [draw] { return draw; }};
}

std::string error_of(const Result<>& r) { return r ? "" : r.error().message(); }

TEST(PortRange, IsParsedAsTheFlagIs) {
  EXPECT_EQ(PortRange::parse("30000-32767").value(), PortRange{});
  EXPECT_EQ(PortRange::parse("30000+10").value(), (PortRange{30000, 30010}));
  EXPECT_EQ(PortRange::parse("8080").value(), (PortRange{8080, 8080}));
  EXPECT_EQ(PortRange::parse("1-65535").value(), (PortRange{1, 65535}));
  for (const auto* bad : {"", "-", "+", "0-10", "10-9", "30000-65536", "65535+1", "a-b", "1-2-3", " 1-2",
                          "1-", "99999999999-1", "-1-2"})
    EXPECT_FALSE(PortRange::parse(bad)) << bad;
  EXPECT_EQ(PortRange::parse("9-3").error().message(),
            "port range \"9-3\": should be of the form 30000-32767, of ports between 1 and 65535");
}

TEST(StaticBand, GrowsWithTheRange) {
  EXPECT_EQ(static_band({30000, 32767}), 86U);
  EXPECT_EQ(static_band({30000, 30015}), 0U);
  EXPECT_EQ(static_band({30000, 30016}), 16U);
  EXPECT_EQ(static_band({1, 65535}), 128U);
}

TEST(NodePorts, TheUpperBandComesFirst) {
  auto lowest = ports({});
  EXPECT_EQ(lowest.allocate().value(), 30086);
  EXPECT_EQ(lowest.allocate().value(), 30087);
  auto highest = ports({}, ~std::uint64_t{0});
  EXPECT_EQ(highest.allocate().value(), 32767);
  EXPECT_EQ(highest.allocate().value(), 30086);
}

TEST(NodePorts, ThenTheLowerOneThenItIsFull) {
  auto all = ports({30000, 30019});
  std::set<int> seen;
  for (int i = 0; i < 4; ++i) seen.insert(all.allocate().value());
  EXPECT_EQ(*seen.begin(), 30016);
  for (int i = 0; i < 16; ++i) seen.insert(all.allocate().value());
  EXPECT_EQ(seen.size(), 20U);
  EXPECT_EQ(all.allocate().error().message(), "range is full");
  all.release(30007);
  EXPECT_EQ(all.allocate().value(), 30007);
}

TEST(NodePorts, ChosenOnes) {
  auto all = ports({});
  EXPECT_EQ(error_of(all.allocate(30080U)), "");
  EXPECT_EQ(error_of(all.allocate(30080U)), "provided port is already allocated");
  EXPECT_EQ(error_of(all.allocate(80U)),
            "provided port is not in the valid range. The range of valid ports is 30000-32767");
  EXPECT_EQ(error_of(all.allocate(70000U)),
            "provided port is not in the valid range. The range of valid ports is 30000-32767");
  EXPECT_EQ(error_of(all.check(30081U)), "");
  EXPECT_FALSE(all.contains(30081U));
}

TEST(NodePorts, RemembersWhatLiesOutsideOfAChangedRange) {
  auto all = ports({31000, 31999});
  all.occupy(30080);
  EXPECT_TRUE(all.contains(30080));
  EXPECT_EQ(all.taken(), 1U);
  all.release(30080);
  EXPECT_EQ(all.taken(), 0U);
}

}  // namespace
}  // namespace podwire::plan
