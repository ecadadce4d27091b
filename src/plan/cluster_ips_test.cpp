#include "plan/cluster_ips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace podwire::plan {
namespace {

using testing::HasSubstr;

IpAddr addr(std::string_view text) { return IpAddr::parse(text).value(); }

std::vector<Cidr> cidrs(std::initializer_list<std::string_view> texts) {
  std::vector<Cidr> out;
  for (const auto text : texts) out.push_back(Cidr::parse(text).value());
  return out;
}

/// Draws the numbers of a list, then its last for ever.
Random drawing(std::vector<std::uint64_t> numbers) {
  return [numbers, i = std::size_t{0}]() mutable { return numbers[std::min(i++, numbers.size() - 1)]; };
}

constexpr std::uint64_t kLowest = 0;
constexpr std::uint64_t kHighest = ~std::uint64_t{0};

ClusterIps over(std::initializer_list<std::string_view> ranges, std::uint64_t draw = kLowest) {
  ClusterIps out(drawing({draw}));
  EXPECT_TRUE(out.add("kubernetes", cidrs(ranges)));
  return out;
}

std::string next(ClusterIps& ips, Family family = Family::v4) {
  const auto got = ips.allocate(family);
  return got ? got->str() : got.error().message();
}

std::string error_of(const Result<>& r) { return r ? "" : r.error().message(); }

TEST(ServiceRange, LeavesTheNetworksAndTheBroadcastAddressOut) {
  const auto v4 = ServiceRange::of(Cidr::parse("10.96.0.0/12").value()).value();
  EXPECT_EQ(v4.first, addr("10.96.0.1"));
  EXPECT_EQ(v4.last, addr("10.111.255.254"));
  EXPECT_EQ(v4.capacity(), 1048574U);
  const auto v6 = ServiceRange::of(Cidr::parse("fd00::/64").value()).value();
  EXPECT_EQ(v6.first, addr("fd00::1"));
  EXPECT_EQ(v6.last, addr("fd00::ffff:ffff:ffff:ffff"));
  EXPECT_EQ(v6.capacity(), (u128{1} << 64) - 1);
}

TEST(ServiceRange, RefusesWhatCannotServe) {
  const auto error = [](std::string_view text) {
    const auto made = ServiceRange::of(Cidr::parse(text).value());
    return made ? std::string() : made.error().message();
  };
  EXPECT_EQ(error("fd00::/63"), "shortest allowed prefix length for service CIDR is 64, got 63");
  EXPECT_THAT(error("10.96.0.1/12"), HasSubstr("host bits"));
  for (const auto* small : {"10.96.0.0/31", "10.96.0.0/32", "fd00::/128"})
    EXPECT_THAT(error(small), HasSubstr("no address of it")) << small;
  EXPECT_EQ(error("10.96.0.0/30"), "");
  EXPECT_EQ(error("fd00::/127"), "");
  EXPECT_EQ(error("0.0.0.0/0"), "");
}

TEST(ServiceRange, StaticBandGrowsWithTheRange) {
  const auto band = [](std::string_view text) {
    return ServiceRange::of(Cidr::parse(text).value()).value().static_band;
  };
  EXPECT_EQ(band("10.0.0.0/30"), 0U);
  EXPECT_EQ(band("10.0.0.0/28"), 0U);
  EXPECT_EQ(band("10.0.0.0/27"), 16U);
  EXPECT_EQ(band("10.0.0.0/24"), 16U);
  EXPECT_EQ(band("10.0.0.0/22"), 64U);
  EXPECT_EQ(band("10.0.0.0/20"), 256U);
  EXPECT_EQ(band("10.0.0.0/12"), 256U);
  EXPECT_EQ(band("fd00::/64"), 256U);
  EXPECT_EQ(band("fd00::/108"), 256U);
}

TEST(ClusterIps, TheUpperBandComesFirst) {
  auto lowest = over({"10.96.0.0/16"}, kLowest);
  EXPECT_EQ(next(lowest), "10.96.1.1");  // behind the 256 of the lower band
  EXPECT_EQ(next(lowest), "10.96.1.2");
  auto highest = over({"10.96.0.0/16"}, kHighest);
  EXPECT_EQ(next(highest), "10.96.255.254");
  EXPECT_EQ(next(highest), "10.96.1.1");  // around the end
}

TEST(ClusterIps, ThenTheLowerOneThenItIsFull) {
  auto ips = over({"10.96.0.0/27"});
  std::set<std::string> seen;
  for (int i = 0; i < 14; ++i) seen.insert(next(ips));
  EXPECT_EQ(*seen.begin(), "10.96.0.17");
  EXPECT_EQ(seen.size(), 14U);
  EXPECT_EQ(next(ips), "10.96.0.1");
  for (int i = 0; i < 15; ++i) seen.insert(next(ips));
  EXPECT_EQ(next(ips), "range is full");
  EXPECT_EQ(ips.taken_count(Family::v4), 30U);
  EXPECT_TRUE(ips.release(addr("10.96.0.20")));
  EXPECT_FALSE(ips.release(addr("10.96.0.20")));
  EXPECT_EQ(next(ips), "10.96.0.20");
}

TEST(ClusterIps, ChosenOnesMayComeFromAnywhereInTheRange) {
  auto ips = over({"10.96.0.0/12"});
  EXPECT_EQ(error_of(ips.allocate(addr("10.96.0.1"))), "");
  EXPECT_EQ(error_of(ips.allocate(addr("10.111.255.254"))), "");
  EXPECT_EQ(error_of(ips.allocate(addr("10.96.0.1"))), "provided IP is already allocated");
  for (const auto* outside : {"10.96.0.0", "10.111.255.255", "10.112.0.1", "10.95.255.255"})
    EXPECT_EQ(error_of(ips.allocate(addr(outside))),
              "provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/12");
  EXPECT_TRUE(ips.release(addr("10.96.0.1")));
  EXPECT_EQ(error_of(ips.allocate(addr("10.96.0.1"))), "");
}

TEST(ClusterIps, ADryRunTakesNothing) {
  auto ips = over({"10.96.0.0/16"});
  EXPECT_EQ(ips.choose(Family::v4).value(), addr("10.96.1.1"));
  EXPECT_EQ(error_of(ips.check(addr("10.96.0.10"))), "");
  EXPECT_EQ(ips.taken_count(Family::v4), 0U);
  EXPECT_EQ(next(ips), "10.96.1.1");
}

TEST(ClusterIps, BothFamiliesAlike) {
  auto ips = over({"10.96.0.0/24", "fd00:10:96::/112"});
  EXPECT_EQ(next(ips, Family::v6), "fd00:10:96::101");
  EXPECT_EQ(error_of(ips.allocate(addr("fd00:10:96::a"))), "");
  EXPECT_EQ(error_of(ips.allocate(addr("fd00:10:96::1:0"))),
            "provided IP is not in the valid range. The range of valid IPs is fd00:10:96::/112");
  EXPECT_EQ(next(ips, Family::v4), "10.96.0.17");
  EXPECT_TRUE(ips.has(Family::v6));
  EXPECT_FALSE(over({"10.96.0.0/24"}).has(Family::v6));
}

TEST(ClusterIps, AnIpv6RangeOfTwoToThe64CostsOnlyItsAddresses) {
  ClusterIps ips([random = std::mt19937_64(1)]() mutable { return random(); });
  ASSERT_TRUE(ips.add("kubernetes", cidrs({"fd00::/64"})));
  std::set<IpAddr> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(ips.allocate(Family::v6).value());
  EXPECT_EQ(seen.size(), 10'000U);
  EXPECT_GT(*seen.rbegin(), addr("fd00::f000:0:0:0"));
}

TEST(ClusterIps, GrowsByFurtherServiceCidrs) {
  auto ips = over({"10.96.0.0/30"});
  EXPECT_EQ(next(ips), "10.96.0.1");
  EXPECT_EQ(next(ips), "10.96.0.2");
  EXPECT_EQ(next(ips), "range is full");
  ASSERT_TRUE(ips.add("more", cidrs({"10.97.0.0/30"})));
  EXPECT_EQ(next(ips), "10.97.0.1");
  EXPECT_EQ(error_of(ips.allocate(addr("10.98.0.1"))),
            "provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/30,10.97.0.0/30");
}

TEST(ClusterIps, LowerBandsOfAllRangesComeLast) {
  auto ips = over({"10.96.0.0/27"});
  for (int i = 0; i < 14; ++i) next(ips);
  ASSERT_TRUE(ips.add("more", cidrs({"10.97.0.0/27"})));
  EXPECT_EQ(next(ips), "10.97.0.17");
}

TEST(ClusterIps, NoAddressTwiceWhereRangesOverlap) {
  auto ips = over({"10.96.0.0/29"});
  ASSERT_TRUE(ips.add("larger", cidrs({"10.96.0.0/28"})));
  std::set<std::string> seen;
  for (int i = 0; i < 14; ++i) EXPECT_TRUE(seen.insert(next(ips)).second);
  EXPECT_EQ(next(ips), "range is full");
}

TEST(ClusterIps, ARetiredServiceCidrGivesNoMore) {
  auto ips = over({"10.96.0.0/24"});
  ASSERT_TRUE(ips.add("old", cidrs({"10.90.0.0/24", "fd00::/112"})));
  ASSERT_TRUE(ips.allocate(addr("10.90.0.9")));
  ips.retire("old");
  EXPECT_EQ(next(ips), "10.96.0.17");
  EXPECT_EQ(next(ips, Family::v6), "range is full");
  EXPECT_THAT(error_of(ips.allocate(addr("10.90.0.10"))), HasSubstr("not in the valid range"));
  EXPECT_EQ(ips.still_needed_by("old"), addr("10.90.0.9"));
  ips.release(addr("10.90.0.9"));
  EXPECT_EQ(ips.still_needed_by("old"), std::nullopt);
  ips.remove("old");
  EXPECT_EQ(ips.still_needed_by("old"), std::nullopt);
}

TEST(ClusterIps, AnotherRangeThatCoversItsAddressesLetsItGo) {
  auto ips = over({"10.96.0.0/24"});
  ASSERT_TRUE(ips.allocate(addr("10.96.0.9")));
  ASSERT_TRUE(ips.allocate(addr("10.96.0.200")));
  ips.retire("kubernetes");
  ASSERT_TRUE(ips.add("half", cidrs({"10.96.0.0/25"})));
  EXPECT_EQ(ips.still_needed_by("kubernetes"), addr("10.96.0.200"));
  ASSERT_TRUE(ips.add("rest", cidrs({"10.96.0.128/25"})));
  EXPECT_EQ(ips.still_needed_by("kubernetes"), std::nullopt);
  ips.retire("rest");
  EXPECT_EQ(ips.still_needed_by("kubernetes"), addr("10.96.0.200"));
}

TEST(ClusterIps, WhatItDoesNotCoverIsKeptFromBeingGivenWhenARangeComesBack) {
  auto ips = over({"10.96.0.0/24"});
  ips.occupy(addr("10.90.0.1"));  // of a ServiceCIDR that is gone
  ASSERT_TRUE(ips.add("back", cidrs({"10.90.0.0/24"})));
  EXPECT_EQ(error_of(ips.allocate(addr("10.90.0.1"))), "provided IP is already allocated");
}

}  // namespace
}  // namespace podwire::plan
