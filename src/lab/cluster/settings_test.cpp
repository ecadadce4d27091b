#include "lab/cluster/settings.h"

#include <gmock/gmock.h>

namespace podwire::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> text(const std::vector<Cidr>& cidrs) {
  std::vector<std::string> out;
  for (const auto& cidr : cidrs) out.push_back(cidr.str());
  return out;
}

std::string refusal(const LabFlags& flags) {
  const auto got = lab_settings_of(flags);
  return got ? "accepted" : got.error().message();
}

TEST(LabSettings, ThreeNodesOfIPv4ByDefault) {
  const auto lab = lab_settings_of({});
  ASSERT_TRUE(lab) << lab.error().message();
  EXPECT_THAT(lab->nodes, ElementsAre("node0", "node1", "node2"));
  EXPECT_THAT(text(lab->cluster_cidrs), ElementsAre("10.244.0.0/16"));
  EXPECT_THAT(text(lab->service_cidrs), ElementsAre("10.96.0.0/12"));
  EXPECT_THAT(text(lab->place(2)->addresses), ElementsAre("10.89.0.12/24"));
  EXPECT_EQ(lab->place(2)->gateways.front().str(), "10.89.0.1");
  EXPECT_TRUE(lab->agent_args.empty());
}

TEST(LabSettings, DualStackHasAnAddressOfEachFamily) {
  const auto lab = lab_settings_of({.dual_stack = true});
  ASSERT_TRUE(lab) << lab.error().message();
  EXPECT_THAT(text(lab->cluster_cidrs), ElementsAre("10.244.0.0/16", "fd00:10:244::/56"));
  EXPECT_THAT(text(lab->place(0)->addresses), ElementsAre("10.89.0.10/24", "fd00:10:89::a/64"));
  EXPECT_THAT(text(lab->router_addresses(0)), ElementsAre("10.89.0.1/24", "fd00:10:89::1/64"));
}

TEST(LabSettings, FamiliesComeFromTheClusterRangeToo) {
  EXPECT_THAT(text(lab_settings_of({.cluster_cidr = "fd00:1::/56"})->node_cidrs),
              ElementsAre("fd00:10:89::/64"));
  EXPECT_THAT(text(lab_settings_of({.ipv6 = true})->service_cidrs), ElementsAre("fd00:10:96::/112"));
  EXPECT_THAT(text(lab_settings_of({.cluster_cidr = "fd00:1::/56,10.1.0.0/16"})->service_cidrs),
              ElementsAre("fd00:10:96::/112", "10.96.0.0/12"));
}

TEST(LabSettings, SegmentsFollowEachOtherAndTakeNodesInTurn) {
  const auto lab = lab_settings_of({.nodes = 4, .segments = 2});
  ASSERT_TRUE(lab) << lab.error().message();
  EXPECT_THAT(text(lab->place(1)->addresses), ElementsAre("10.89.1.11/24"));
  EXPECT_EQ(lab->place(1)->gateways.front().str(), "10.89.1.1");
  EXPECT_THAT(text(lab->place(2)->addresses), ElementsAre("10.89.0.12/24"));
}

TEST(LabSettings, AsManyNodesAsTheNetworkHasAddresses) {
  EXPECT_TRUE(lab_settings_of({.nodes = 245}));
  EXPECT_THAT(refusal({.nodes = 246}), HasSubstr("too many for the node network 10.89.0.0/24"));
  EXPECT_TRUE(lab_settings_of({.nodes = 246, .node_cidr = "10.88.0.0/23"}));
  EXPECT_THAT(refusal({.nodes = 257, .node_cidr = "10.88.0.0/23"}),
              HasSubstr("too many for --cluster-cidr 10.244.0.0/16"));
  EXPECT_THAT(refusal({.nodes = 0}), HasSubstr("at least one node"));
}

TEST(LabSettings, RangesThatDoNotFitAreRefused) {
  EXPECT_THAT(refusal({.cluster_cidr = "10.244.0.0"}), HasSubstr("is no range"));
  EXPECT_THAT(refusal({.cluster_cidr = "10.244.1.0/16"}), HasSubstr("did you mean 10.244.0.0/16"));
  EXPECT_THAT(refusal({.cluster_cidr = "10.244.0.0/25"}), HasSubstr("no room for a /24"));
  EXPECT_THAT(refusal({.cluster_cidr = "10.89.0.0/16"}), HasSubstr("overlaps the node network 10.89.0.0/24"));
  EXPECT_THAT(refusal({.cluster_cidr = "10.96.0.0/16"}), HasSubstr("overlaps --cluster-cidr"));
  EXPECT_THAT(refusal({.service_cidr = "10.88.0.0/15"}), HasSubstr("overlaps the node network"));
  EXPECT_THAT(refusal({.cluster_cidr = "10.90.0.0/16", .segments = 16}), HasSubstr("accepted"));
  EXPECT_THAT(refusal({.cluster_cidr = "10.89.8.0/21", .segments = 16}),
              HasSubstr("overlaps the node network 10.89.8.0/24"));
  EXPECT_THAT(refusal({.node_cidr = "203.0.113.0/24"}), HasSubstr("web server"));
  EXPECT_THAT(refusal({.node_cidr = "10.89.0.0/28"}), HasSubstr("prefix length"));
  EXPECT_THAT(refusal({.service_cidr = "10.96.0.0/12", .dual_stack = true}),
              HasSubstr("lacks a range of IPv6"));
  EXPECT_THAT(refusal({.service_cidr = "10.96.0.0/12,fd00::/112"}), HasSubstr("the lab has no IPv6"));
  EXPECT_THAT(refusal({.cluster_cidr = "10.1.0.0/16,10.2.0.0/16"}), HasSubstr("one of IPv4 and one of IPv6"));
  EXPECT_THAT(refusal({.cluster_cidr = "10.1.0.0/16", .dual_stack = true}),
              HasSubstr("one range of each family"));
  EXPECT_THAT(refusal({.cluster_cidr = "10.1.0.0/16", .ipv6 = true}), HasSubstr("IPv6 alone"));
  EXPECT_THAT(refusal({.dual_stack = true, .ipv6 = true}), HasSubstr("IPv6 alone"));
  EXPECT_THAT(refusal({.segments = 17}), HasSubstr("1 to 16"));
}

TEST(LabSettings, NamesAreThoseOfHosts) {
  EXPECT_THAT(refusal({.name = "../x"}), HasSubstr("no name of a lab"));
  EXPECT_THAT(refusal({.name = ""}), HasSubstr("no name of a lab"));
  EXPECT_THAT(refusal({.node_names = {"a", "a"}}), HasSubstr("two nodes"));
  EXPECT_THAT(refusal({.node_names = {"internet"}}), HasSubstr("not \"internet\""));
  EXPECT_THAT(refusal({.node_names = {"a-name-of-16-char"}}), HasSubstr("1 to 15"));
}

TEST(LabSettings, AgentsGetTheirFlags) {
  EXPECT_THAT(lab_settings_of({.backend = "vxlan", .pod_link = "bridge"})->agent_args,
              ElementsAre("--backend", "vxlan", "--pod-link", "bridge"));
}

}  // namespace
}  // namespace podwire::lab
