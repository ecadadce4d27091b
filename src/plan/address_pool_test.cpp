#include "plan/address_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace podwire::plan {
namespace {

using testing::HasSubstr;

constexpr std::chrono::seconds kCooldown(30);
const std::chrono::system_clock::time_point kNow{std::chrono::hours(500'000)};

IpAddr addr(std::string_view text) { return IpAddr::parse(text).value(); }

Range range(std::string_view subnet, std::string_view first = "", std::string_view last = "",
            std::string_view gateway = "") {
  const auto optional = [](std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(addr(text));
  };
  return {.subnet = Cidr::parse(subnet).value(),
          .first = optional(first),
          .last = optional(last),
          .gateway = optional(gateway)};
}

Range completed(std::string_view subnet, std::string_view first = "", std::string_view last = "",
                std::string_view gateway = "") {
  auto out = complete(range(subnet, first, last, gateway));
  EXPECT_TRUE(out) << out.error().message();
  return *out;
}

std::string error_of(const Range& r) {
  const auto out = complete(r);
  EXPECT_FALSE(out);
  return out ? "" : out.error().message();
}

std::string chosen(const RangeSet& set, const Usage& usage) {
  const auto choice = choose(set, usage, kNow, kCooldown);
  return choice ? choice->addr.str() : "none";
}

TEST(Complete, FillsInTheDefaults) {
  EXPECT_EQ(completed("10.1.0.0/24"), range("10.1.0.0/24", "10.1.0.1", "10.1.0.254", "10.1.0.1"));
  EXPECT_EQ(completed("fd00::/64"), range("fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff", "fd00::1"));
  EXPECT_EQ(completed("10.1.0.4/30"), range("10.1.0.4/30", "10.1.0.5", "10.1.0.6", "10.1.0.5"));
  EXPECT_EQ(completed("fd00::4/126"), range("fd00::4/126", "fd00::5", "fd00::7", "fd00::5"));
}

TEST(Complete, KeepsTheNetworksAndTheBroadcastAddressOut) {
  EXPECT_EQ(completed("10.1.0.0/24", "10.1.0.0", "10.1.0.255"), completed("10.1.0.0/24"));
  EXPECT_EQ(completed("fd00::/64", "fd00::"), completed("fd00::/64"));
}

TEST(Complete, RefusesBadRanges) {
  EXPECT_EQ(error_of(range("10.1.0.7/24")),
            "range 10.1.0.7/24: host bits are set, its network is 10.1.0.0/24");
  for (const auto* small : {"10.1.0.0/31", "10.1.0.0/32", "fd00::/127", "fd00::/128"})
    EXPECT_THAT(error_of(range(small)), HasSubstr("too small")) << small;
  EXPECT_THAT(error_of(range("10.1.0.0/24", "10.2.0.1")), HasSubstr("rangeStart 10.2.0.1 is outside"));
  EXPECT_THAT(error_of(range("10.1.0.0/24", "", "10.2.0.1")), HasSubstr("rangeEnd 10.2.0.1 is outside"));
  EXPECT_THAT(error_of(range("10.1.0.0/24", "", "", "fd00::1")), HasSubstr("gateway fd00::1 is outside"));
  EXPECT_THAT(error_of(range("10.1.0.0/24", "10.1.0.9", "10.1.0.8")), HasSubstr("no address lies between"));
  EXPECT_THAT(error_of(range("10.1.0.0/24", "10.1.0.255")), HasSubstr("no address lies between"));
}

TEST(CheckSets, RefusesOverlapAndMixedFamilies) {
  const auto error = [](const std::vector<RangeSet>& sets) {
    const auto ok = check_sets(sets);
    return ok ? "" : ok.error().message();
  };
  EXPECT_EQ(error({}), "");
  EXPECT_EQ(error({{completed("10.1.0.0/24"), completed("10.2.0.0/24")}, {completed("fd00::/64")}}), "");
  EXPECT_EQ(error({{completed("10.1.0.0/24", "", "10.1.0.99"), completed("10.1.0.0/24", "10.1.0.100")}}), "");
  EXPECT_THAT(error({{completed("10.1.0.0/24"), completed("fd00::/64")}}), HasSubstr("family"));
  EXPECT_THAT(error({{completed("10.1.0.0/24"), completed("10.1.0.0/16")}}), HasSubstr("overlaps 10.1.0.0/"));
  EXPECT_THAT(error({{completed("10.1.0.0/24")}, {completed("10.1.0.0/24", "10.1.0.254")}}),
              HasSubstr("overlaps"));
}

TEST(Choose, StartsBehindTheGateway) {
  EXPECT_EQ(chosen({completed("10.1.0.0/24")}, {}), "10.1.0.2");
  EXPECT_EQ(chosen({completed("10.1.0.0/24", "", "", "10.1.0.2")}, {}), "10.1.0.1");
  EXPECT_EQ(chosen({completed("fd00::/64")}, {}), "fd00::2");
  EXPECT_EQ(chosen({completed("10.1.0.0/30")}, {}), "10.1.0.2");
}

TEST(Choose, GoesOnBehindTheLastOne) {
  const RangeSet set{completed("10.1.0.0/29")};  // .1 is the gateway, .2 to .6 are to give
  EXPECT_EQ(chosen(set, {.taken = {addr("10.1.0.2")}, .freed = {}, .last = addr("10.1.0.3")}), "10.1.0.4");
  EXPECT_EQ(chosen(set, {.taken = {}, .freed = {}, .last = addr("10.1.0.6")}), "10.1.0.2");
  EXPECT_EQ(
      chosen(set, {.taken = {addr("10.1.0.5"), addr("10.1.0.6")}, .freed = {}, .last = addr("10.1.0.4")}),
      "10.1.0.2");
}

TEST(Choose, ALastAddressOfAnotherConfigurationDoesNotMatter) {
  EXPECT_EQ(chosen({completed("10.1.0.0/24")}, {.taken = {}, .freed = {}, .last = addr("10.9.0.9")}),
            "10.1.0.2");
  EXPECT_EQ(chosen({completed("10.1.0.0/24")}, {.taken = {}, .freed = {}, .last = addr("fd00::9")}),
            "10.1.0.2");
}

TEST(Choose, GoesThroughAllRanges) {
  const RangeSet set{completed("10.1.0.0/30"), completed("10.2.0.0/30"),
                     completed("10.3.0.0/24", "10.3.0.7", "10.3.0.8")};
  EXPECT_EQ(chosen(set, {.taken = {}, .freed = {}, .last = addr("10.1.0.2")}), "10.2.0.2");
  EXPECT_EQ(chosen(set, {.taken = {}, .freed = {}, .last = addr("10.2.0.2")}), "10.3.0.7");
  EXPECT_EQ(chosen(set, {.taken = {}, .freed = {}, .last = addr("10.3.0.8")}), "10.1.0.2");
  EXPECT_EQ(choose(set, {.taken = {}, .freed = {}, .last = addr("10.3.0.7")}, kNow, kCooldown)->range,
            set[2]);
}

TEST(Choose, AGatewayOfAnyRangeOfTheSetIsNoOnes) {
  const RangeSet set{completed("10.1.0.0/24", "10.1.0.10", "10.1.0.11", "10.1.0.12"),
                     completed("10.1.0.0/24", "10.1.0.12", "10.1.0.13", "10.1.0.10")};
  EXPECT_EQ(chosen(set, {}), "10.1.0.11");
  EXPECT_EQ(chosen(set, {.taken = {addr("10.1.0.11")}}), "10.1.0.13");
  EXPECT_EQ(capacity(set), 2U);
}

TEST(Choose, CoolsDownUnlessUnderPressure) {
  const RangeSet set{completed("10.1.0.0/29", "10.1.0.2", "10.1.0.4")};
  const auto ago = [](int seconds) { return kNow - std::chrono::seconds(seconds); };
  Usage usage{.taken = {addr("10.1.0.3")},
              .freed = {{addr("10.1.0.2"), ago(29)}, {addr("10.1.0.4"), ago(31)}},
              .last = {}};
  EXPECT_EQ(chosen(set, usage), "10.1.0.4");
  usage.taken.push_back(addr("10.1.0.4"));
  const auto pressed = choose(set, usage, kNow, kCooldown);
  ASSERT_TRUE(pressed);
  EXPECT_EQ(pressed->addr, addr("10.1.0.2"));
  EXPECT_TRUE(pressed->cooldown_cut);
  usage.taken.push_back(addr("10.1.0.2"));
  EXPECT_EQ(chosen(set, usage), "none");
}

TEST(Choose, UnderPressureTheOneFreedLongestAgoComesFirst) {
  const RangeSet set{completed("10.1.0.0/29", "10.1.0.2", "10.1.0.4")};
  const auto ago = [](int seconds) { return kNow - std::chrono::seconds(seconds); };
  EXPECT_EQ(
      chosen(set,
             {.taken = {},
              .freed = {{addr("10.1.0.2"), ago(1)}, {addr("10.1.0.3"), ago(9)}, {addr("10.1.0.4"), ago(5)}},
              .last = {}}),
      "10.1.0.3");
}

TEST(Choose, AClockSetFarBackDoesNotKeepAddressesFromUse) {
  const RangeSet set{completed("10.1.0.0/29")};
  EXPECT_EQ(
      chosen(set, {.taken = {}, .freed = {{addr("10.1.0.2"), kNow + std::chrono::hours(24)}}, .last = {}}),
      "10.1.0.2");
  EXPECT_EQ(
      chosen(set, {.taken = {}, .freed = {{addr("10.1.0.2"), kNow + std::chrono::seconds(2)}}, .last = {}}),
      "10.1.0.3");
}

// Would never end if it went through the addresses one by one.
TEST(Choose, AHugeSubnetCostsNoMoreThanASmallOne) {
  const RangeSet set{completed("fd00::/64")};
  Usage usage{.taken = {}, .freed = {}, .last = addr("fd00::ffff:ffff:ffff:fffe")};
  EXPECT_EQ(chosen(set, usage), "fd00::ffff:ffff:ffff:ffff");
  usage.last = addr("fd00::ffff:ffff:ffff:ffff");
  EXPECT_EQ(chosen(set, usage), "fd00::2");
  EXPECT_EQ(capacity(set), (u128{1} << 64) - 2);
}

TEST(Choose, TheHighestAddressOfAllHasNoNext) {
  const RangeSet set{completed("ffff::/16", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "")};
  EXPECT_EQ(chosen(set, {.taken = {addr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")}}),
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  EXPECT_EQ(chosen(set, {.taken = {addr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"),
                                   addr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}}),
            "none");
}

TEST(ChooseExactly, SaysWhyNot) {
  const RangeSet set{completed("10.1.0.0/24", "10.1.0.10", "10.1.0.20", "10.1.0.15")};
  EXPECT_EQ(choose_exactly(set, addr("10.1.0.10"))->addr, addr("10.1.0.10"));
  EXPECT_EQ(choose_exactly(set, addr("10.1.0.20"))->range, set[0]);
  EXPECT_THAT(choose_exactly(set, addr("10.1.0.9")).error().message(), HasSubstr("in none of the ranges"));
  EXPECT_THAT(choose_exactly(set, addr("10.1.0.15")).error().message(), HasSubstr("gateway"));
  EXPECT_FALSE(choose_exactly(set, addr("fd00::1")));
}

TEST(Capacity, CountsWhatCanBeGiven) {
  EXPECT_EQ(capacity({completed("10.1.0.0/24")}), 253U);
  EXPECT_EQ(capacity({completed("10.1.0.0/30")}), 1U);
  EXPECT_EQ(capacity({completed("10.1.0.0/24", "10.1.0.10", "10.1.0.20")}), 11U);
  EXPECT_EQ(capacity({completed("10.1.0.0/24"), completed("10.2.0.0/24", "10.2.0.10", "10.2.0.20")}), 264U);
}

}  // namespace
}  // namespace podwire::plan
