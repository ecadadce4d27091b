#include "plan/pod_cidrs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podwire::plan {
namespace {

using testing::HasSubstr;
constexpr auto* kExhausted =
    "CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range";

std::vector<Cidr> cidrs(std::initializer_list<std::string_view> texts) {
  std::vector<Cidr> out;
  for (const auto text : texts) out.push_back(Cidr::parse(text).value());
  return out;
}

PodCidrs over(std::initializer_list<std::string_view> ranges, MaskSizeFlags flags = {},
              std::initializer_list<std::string_view> services = {}) {
  auto made = PodCidrs::over(cidrs(ranges), flags, cidrs(services));
  EXPECT_TRUE(made) << made.error().message();
  return std::move(*made);
}

std::string next(PodCidrs& all) {
  const auto got = all.allocate();
  if (!got) return got.error().message();
  std::string out;
  for (const auto& cidr : *got) out += (out.empty() ? "" : ",") + cidr.str();
  return out;
}

TEST(PodCidrs, OneAfterTheOther) {
  auto all = over({"10.244.0.0/16"});
  EXPECT_EQ(next(all), "10.244.0.0/24");
  EXPECT_EQ(next(all), "10.244.1.0/24");
  EXPECT_EQ(all.capacity(Family::v4), 256U);
  EXPECT_EQ(all.taken(Family::v4), 2U);
  EXPECT_EQ(all.capacity(Family::v6), 0U);
}

TEST(PodCidrs, AFreedOneWaitsForTheWrap) {
  auto all = over({"10.244.0.0/22"});
  EXPECT_EQ(next(all), "10.244.0.0/24");
  EXPECT_EQ(next(all), "10.244.1.0/24");
  all.release(cidrs({"10.244.0.0/24"}));
  EXPECT_EQ(next(all), "10.244.2.0/24");
  EXPECT_EQ(next(all), "10.244.3.0/24");
  EXPECT_EQ(next(all), "10.244.0.0/24");
  EXPECT_EQ(next(all), kExhausted);
  all.release(cidrs({"10.244.2.0/24"}));
  EXPECT_EQ(next(all), "10.244.2.0/24");
}

TEST(PodCidrs, OneOfEachFamily) {
  auto all = over({"fd00:10:244::/56", "10.244.0.0/16"});
  EXPECT_EQ(next(all), "fd00:10:244::/64,10.244.0.0/24");
  EXPECT_EQ(next(all), "fd00:10:244:1::/64,10.244.1.0/24");
}

TEST(PodCidrs, BothOrNone) {
  auto all = over({"10.244.0.0/16", "fd00::/63"});
  next(all);
  EXPECT_EQ(next(all), "10.244.1.0/24,fd00:0:0:1::/64");
  EXPECT_EQ(next(all), kExhausted);
  EXPECT_EQ(all.taken(Family::v4), 2U);
  all.release(cidrs({"10.244.0.0/24", "fd00::/64"}));
  EXPECT_EQ(next(all), "10.244.2.0/24,fd00::/64");
}

TEST(PodCidrs, WhatExistingNodesHaveIsLeftAlone) {
  auto all = over({"10.244.0.0/16"});
  ASSERT_TRUE(all.occupy(cidrs({"10.244.0.0/24"})));
  ASSERT_TRUE(all.occupy(cidrs({"10.244.2.0/23"})));   // given under another mask size
  ASSERT_TRUE(all.occupy(cidrs({"10.244.5.64/26"})));  // and a longer one
  EXPECT_EQ(next(all), "10.244.1.0/24");
  EXPECT_EQ(next(all), "10.244.4.0/24");
  EXPECT_EQ(next(all), "10.244.6.0/24");
  const auto refused = all.occupy(cidrs({"10.244.9.0/24", "10.9.0.0/24"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "cidr 10.9.0.0/24 is out the range of cluster cidr 10.244.0.0/16");
  EXPECT_EQ(all.taken(Family::v4), 7U);
  EXPECT_THAT(all.occupy(cidrs({"fd00::/64"})).error().message(), HasSubstr("none of its family"));
}

TEST(PodCidrs, TwoNodesWithTheSameSubnetBothHoldIt) {
  auto all = over({"10.244.0.0/23"});
  ASSERT_TRUE(all.occupy(cidrs({"10.244.0.0/24"})));
  ASSERT_TRUE(all.occupy(cidrs({"10.244.0.0/24"})));
  all.release(cidrs({"10.244.0.0/24"}));
  EXPECT_EQ(next(all), "10.244.1.0/24");
  EXPECT_EQ(next(all), kExhausted);
  all.release(cidrs({"10.244.0.0/24"}));
  EXPECT_EQ(next(all), "10.244.0.0/24");
}

TEST(PodCidrs, ReleasingWhatIsNotTakenDoesNotMatter) {
  auto all = over({"10.244.0.0/23"});
  all.release(cidrs({"10.244.0.0/24", "192.0.2.0/24", "fd00::/64"}));
  EXPECT_EQ(next(all), "10.244.0.0/24");
}

TEST(PodCidrs, TheServiceRangeIsLeftOut) {
  auto all = over({"10.0.0.0/22"}, {}, {"10.0.1.0/24", "fd00::/112"});
  EXPECT_EQ(all.capacity(Family::v4), 3U);
  EXPECT_EQ(next(all), "10.0.0.0/24");
  EXPECT_EQ(next(all), "10.0.2.0/24");
  all.release(cidrs({"10.0.0.0/23"}));  // takes the service range's bit along: not free for all that
  EXPECT_EQ(next(all), "10.0.3.0/24");
  EXPECT_EQ(next(all), "10.0.0.0/24");
  EXPECT_EQ(next(all), kExhausted);
  EXPECT_THAT(PodCidrs::over(cidrs({"10.0.0.0/16"}), {}, cidrs({"10.0.0.0/8"})).error().message(),
              HasSubstr("lies wholly in the service range 10.0.0.0/8"));
}

TEST(PodCidrs, ARangeOfOneSubnet) {
  auto all = over({"10.244.7.0/24"});
  EXPECT_EQ(next(all), "10.244.7.0/24");
  EXPECT_EQ(next(all), kExhausted);
}

std::string error_of(std::initializer_list<std::string_view> ranges, MaskSizeFlags flags) {
  const auto made = node_mask_sizes(cidrs(ranges), flags);
  return made ? "" : made.error().message();
}

TEST(NodeMaskSizes, Defaults) {
  EXPECT_EQ(node_mask_sizes(cidrs({"10.244.0.0/16"}), {}).value(), std::vector<unsigned>{24});
  EXPECT_EQ(node_mask_sizes(cidrs({"fd00::/56"}), {}).value(), std::vector<unsigned>{64});
  EXPECT_EQ(node_mask_sizes(cidrs({"fd00::/56", "10.244.0.0/16"}), {.v4 = 26}).value(),
            (std::vector<unsigned>{64, 26}));
  EXPECT_EQ(node_mask_sizes(cidrs({"fd00::/100"}), {.any = 112}).value(), std::vector<unsigned>{112});
}

TEST(NodeMaskSizes, RefusesFlagsThatContradictEachOther) {
  EXPECT_EQ(error_of({"10.244.0.0/16", "fd00::/56"}, {.any = 24}),
            "usage of --node-cidr-mask-size is not allowed with dual-stack clusters");
  EXPECT_EQ(error_of({"10.244.0.0/16"}, {.any = 24, .v4 = 25}),
            "usage of --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6 is not allowed if "
            "--node-cidr-mask-size is set. For dual-stack clusters please unset it and use IPFamily specific "
            "flags");
  EXPECT_EQ(error_of({"fd00::/56"}, {.v4 = 24}),
            "usage of --node-cidr-mask-size-ipv4 is not allowed for a single-stack IPv6 cluster");
  EXPECT_EQ(error_of({"10.244.0.0/16"}, {.v6 = 64}),
            "usage of --node-cidr-mask-size-ipv6 is not allowed for a single-stack IPv4 cluster");
}

TEST(NodeMaskSizes, RefusesSizesThatDoNotFit) {
  EXPECT_EQ(error_of({"10.244.0.0/25"}, {}),
            "Invalid --cluster-cidr, mask size of cluster CIDR must be less than or equal to "
            "--node-cidr-mask-size configured for CIDR family");
  EXPECT_EQ(error_of({"10.244.0.0/16"}, {.any = 33}), "node CIDR mask size 33: an IPv4 address has 32 bits");
  EXPECT_EQ(error_of({"fd00::/47"}, {}),
            "New CIDR set failed; the node CIDR size is too big: with --cluster-cidr fd00::/47 at most /63");
  EXPECT_EQ(error_of({"fd00::/48"}, {}), "");
  EXPECT_EQ(error_of({"10.0.0.0/8"}, {.any = 30}), "");
}

TEST(NodeMaskSizes, RefusesRangesThatDoNotFitTogether) {
  EXPECT_EQ(error_of({}, {}), "Must specify --cluster-cidr");
  EXPECT_EQ(error_of({"10.244.0.0/16", "10.245.0.0/16"}, {}),
            "len of ClusterCIDRs==2 and they are not configured as dual stack (at least one from each "
            "IPFamily)");
  EXPECT_EQ(error_of({"10.244.0.0/16", "10.245.0.0/16", "fd00::/56"}, {}),
            "length of clusterCIDRs is:3 more than max allowed of 2");
  EXPECT_THAT(error_of({"10.244.0.1/16"}, {}), HasSubstr("host bits"));
}

}  // namespace
}  // namespace podwire::plan
