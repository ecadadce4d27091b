#include "plan/masquerade.h"

#include <gtest/gtest.h>

#include <string>

namespace podwire::plan {
namespace {

IpAddr ip(std::string_view text) { return IpAddr::parse(text).value(); }
Cidr net(std::string_view text) { return Cidr::parse(text).value(); }

std::string text_of(const std::vector<NetworkPair>& pairs) {
  std::string out;
  for (const auto& pair : pairs) out += pair.from.str() + " -> " + pair.to.str() + "\n";
  return out;
}

struct Node1 {
  std::vector<Cidr> own{net("10.244.1.0/24"), net("fd44:0:0:1::/64")};
  std::vector<Cidr> cluster{net("10.244.0.0/16"), net("fd44::/48")}, exempt;
  std::vector<NetworkNode> nodes{
      {.name = "node-2", .pod_cidrs = {net("10.244.2.0/24")}, .addresses = {ip("10.89.0.2")}}};
  state::Network network;

  [[nodiscard]] Masquerade plan() const {
    return plan_masquerade({.own_pods = own,
                            .cluster_cidrs = cluster,
                            .non_masquerade_cidrs = exempt,
                            .nodes = nodes,
                            .network = network});
  }
};

TEST(Masquerade, PodsLeaveTheClusterUnderTheNodesAddress) {
  const auto planned = Node1().plan();
  EXPECT_EQ(text_of(planned.out), "10.244.1.0/24 -> 0.0.0.0/0\nfd44:0:0:1::/64 -> ::/0\n");
  EXPECT_EQ(text_of(planned.inside), "10.244.1.0/24 -> 10.244.0.0/16\nfd44:0:0:1::/64 -> fd44::/48\n");
}

TEST(Masquerade, ANodeThatWeReachWithoutATunnelKnowsPodsByTheirOwnAddress) {
  Node1 node;
  node.network.routes[net("10.244.2.0/24")] = {"eth0",
                                               {.dst = net("10.244.2.0/24"), .gateway = ip("10.89.0.2")}};
  EXPECT_EQ(text_of(node.plan().inside),
            "10.244.1.0/24 -> 10.89.0.2/32\n10.244.1.0/24 -> 10.244.0.0/16\n"
            "fd44:0:0:1::/64 -> fd44::/48\n");
  node.network.routes[net("10.244.2.0/24")] = {
      "flannel.1", {.dst = net("10.244.2.0/24"), .gateway = ip("10.244.2.0"), .onlink = true}};
  EXPECT_EQ(text_of(node.plan().inside), "10.244.1.0/24 -> 10.244.0.0/16\nfd44:0:0:1::/64 -> fd44::/48\n");
}

TEST(Masquerade, NetworksWithinOthersAreLeftOut) {
  Node1 node;
  node.exempt = {net("10.0.0.0/8"), net("10.1.0.0/16"), net("192.0.2.0/24"), net("192.0.2.0/25")};
  EXPECT_EQ(text_of(node.plan().inside),
            "10.244.1.0/24 -> 10.0.0.0/8\n10.244.1.0/24 -> 192.0.2.0/24\nfd44:0:0:1::/64 -> fd44::/48\n");
}

TEST(Masquerade, WithoutClusterCidrsTheNodesPodCidrsCount) {
  Node1 node;
  node.cluster.clear();
  EXPECT_EQ(text_of(node.plan().inside), "10.244.1.0/24 -> 10.244.2.0/24\n");
}

TEST(Masquerade, AsElementsOfTheTable) {
  const auto elements = masquerade_elements(Node1().plan());
  ASSERT_EQ(elements.size(), 4U);
  EXPECT_EQ(elements.at("masq4").front().key.hex(), "0af4010000000000");
  EXPECT_EQ(elements.at("masq4").front().key_end.hex(), "0af401ffffffffff");
  EXPECT_EQ(elements.at("inside4").front().key.hex(), "0af401000af40000");
  EXPECT_EQ(elements.at("inside4").front().key_end.hex(), "0af401ff0af4ffff");
  EXPECT_TRUE(masquerade_elements({}).at("inside6").empty()) << "to be emptied";
}

}  // namespace
}  // namespace podwire::plan
