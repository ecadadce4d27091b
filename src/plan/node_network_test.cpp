#include "plan/node_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace podwire::plan {
namespace {

using testing::HasSubstr;

IpAddr ip(std::string_view text) { return IpAddr::parse(text).value(); }
Cidr net(std::string_view text) { return Cidr::parse(text).value(); }

/// node-N: 10.89.0.N and fd89::N, pods in 10.244.N.0/24 and fd44:0:0:N::/64.
NetworkNode node(int n) {
  const auto number = std::to_string(n);
  return {.name = "node-" + number,
          .created = 1000 + n,
          .pod_cidrs = {net("10.244." + number + ".0/24"), net("fd44:0:0:" + number + "::/64")},
          .addresses = {ip("10.89.0." + number), ip("fd89::" + number)},
          .vteps = {{ip("10.89.0." + number), Mac::derived_from("v4" + number)},
                    {ip("fd89::" + number), Mac::derived_from("v6" + number)}}};
}

NetworkNode far_away(NetworkNode node) {
  node.addresses = {ip("192.0.2.7"), ip("2001:db8::7")};
  node.vteps[0].address = node.addresses[0];
  node.vteps[1].address = node.addresses[1];
  return node;
}

struct Cluster {
  NetworkNode self = node(1);
  std::vector<NetworkNode> nodes{node(1), node(2), node(3)};
  std::vector<Underlay> underlays{{"eth0", net("10.89.0.1/24"), 1500}, {"eth0", net("fd89::1/64"), 1500}};
  std::vector<Cidr> cluster_cidrs{net("10.244.0.0/16"), net("fd44::/48")};

  [[nodiscard]] NodeNetwork plan(Backend backend) const {
    return plan_node_network({.self = self,
                              .nodes = nodes,
                              .underlays = underlays,
                              .cluster_cidrs = cluster_cidrs,
                              .backend = backend});
  }
};

std::string problems(const NodeNetwork& planned) {
  std::string out;
  for (const auto& problem : planned.problems) out += problem.node + ": " + problem.sentence + "\n";
  return out;
}

TEST(NodeNetwork, HostGatewayIsPlainRoutes) {
  const auto planned = Cluster().plan(Backend::host_gw);
  EXPECT_EQ(describe(planned.network),
            "10.244.2.0/24 via 10.89.0.2 on eth0\n"
            "10.244.3.0/24 via 10.89.0.3 on eth0\n"
            "fd44:0:0:2::/64 via fd89::2 on eth0\n"
            "fd44:0:0:3::/64 via fd89::3 on eth0\n");
  EXPECT_EQ(planned.pod_mtu, 1500U);
  EXPECT_EQ(problems(planned), "");
}

TEST(NodeNetwork, VxlanIsFlannels) {
  Cluster cluster;
  cluster.nodes = {node(1), node(2)};
  const auto planned = cluster.plan(Backend::vxlan);
  const auto& four = planned.network.tunnels.at("flannel.1");
  EXPECT_EQ(four.mtu, 1450U);
  EXPECT_EQ(four.port, 8472);
  EXPECT_EQ(four.address.str(), "10.244.1.0/32");
  EXPECT_EQ(four.mac, node(1).vteps[0].mac);
  const auto& six = planned.network.tunnels.at("flannel-v6.1");
  EXPECT_EQ(six.mtu, 1430U);
  EXPECT_EQ(six.address.str(), "fd44:0:0:1::/128");
  EXPECT_EQ(planned.pod_mtu, 1430U);

  const auto& route = planned.network.routes.at(net("10.244.2.0/24"));
  EXPECT_EQ(route.link, "flannel.1");
  EXPECT_EQ(route.object.gateway, ip("10.244.2.0"));
  EXPECT_TRUE(route.object.onlink);
  EXPECT_EQ(planned.network.neighbours.at({"flannel.1", ip("10.244.2.0")}).object.mac, node(2).vteps[0].mac);
  EXPECT_EQ(planned.network.fdb.at({"flannel.1", node(2).vteps[0].mac}).object.remote, ip("10.89.0.2"));
  EXPECT_EQ(planned.network.fdb.at({"flannel-v6.1", node(2).vteps[1].mac}).object.remote, ip("fd89::2"));
}

TEST(NodeNetwork, AutomaticIsVxlanOnlyBeyondOurLink) {
  Cluster cluster;
  cluster.nodes[2] = far_away(node(3));
  const auto planned = cluster.plan(Backend::automatic);
  EXPECT_EQ(planned.network.routes.at(net("10.244.2.0/24")).link, "eth0");
  EXPECT_EQ(planned.network.routes.at(net("10.244.3.0/24")).link, "flannel.1");
  EXPECT_EQ(planned.network.fdb.size(), 2U);
  EXPECT_EQ(planned.pod_mtu, 1430U);
  EXPECT_EQ(problems(planned), "");
}

TEST(NodeNetwork, TheOrderOfTheNodesDoesNotMatter) {
  Cluster cluster;
  cluster.nodes.push_back(node(4));
  cluster.nodes.push_back(node(5));
  cluster.nodes[3].pod_cidrs = {net("10.244.2.128/25")};
  const auto first = cluster.plan(Backend::automatic);
  std::ranges::sort(cluster.nodes, std::ranges::greater(), &NetworkNode::name);
  const auto second = cluster.plan(Backend::automatic);
  EXPECT_EQ(first.network, second.network);
  EXPECT_EQ(first.problems, second.problems);
}

TEST(NodeNetwork, OfTwoNodesWithOnePodCidrTheOlderHasIt) {
  Cluster cluster;
  cluster.nodes[1].pod_cidrs = cluster.nodes[2].pod_cidrs;
  cluster.nodes[1].created = cluster.nodes[2].created + 1;
  const auto planned = cluster.plan(Backend::host_gw);
  EXPECT_EQ(planned.network.routes.at(net("10.244.3.0/24")).object.gateway, ip("10.89.0.3"));
  EXPECT_EQ(problems(planned),
            "node-2: its podCIDR 10.244.3.0/24 overlaps 10.244.3.0/24 of node node-3\n"
            "node-2: its podCIDR fd44:0:0:3::/64 overlaps fd44:0:0:3::/64 of node node-3\n");
}

TEST(NodeNetwork, NobodyGetsWhatIsOurs) {
  Cluster cluster;
  cluster.nodes[1].pod_cidrs = {net("10.244.0.0/23")};
  cluster.nodes[1].created = 0;
  EXPECT_FALSE(cluster.plan(Backend::host_gw).network.routes.contains(net("10.244.0.0/23")));
}

TEST(NodeNetwork, WhatIsInNoClusterCidrIsNotRouted) {
  Cluster cluster;
  cluster.nodes[1].pod_cidrs = {net("0.0.0.0/0"), net("10.89.0.0/24")};
  const auto planned = cluster.plan(Backend::host_gw);
  EXPECT_EQ(planned.network.routes.size(), 2U);
  EXPECT_EQ(problems(planned),
            "node-2: its podCIDR 0.0.0.0/0 is in no cluster CIDR\n"
            "node-2: its podCIDR 10.89.0.0/24 is in no cluster CIDR\n");
}

TEST(NodeNetwork, WhoCannotBeReachedIsSaid) {
  Cluster cluster;
  cluster.nodes[1] = far_away(node(2));
  EXPECT_THAT(problems(cluster.plan(Backend::host_gw)),
              HasSubstr("node-2: 192.0.2.7 is not on the link of 10.89.0.1/24, and the backend is host-gw"));
  cluster.nodes[1].vteps.clear();
  EXPECT_THAT(problems(cluster.plan(Backend::automatic)),
              HasSubstr("node-2: it does not say where it takes VXLAN packets"));
  cluster.nodes[1].addresses.pop_back();
  EXPECT_THAT(problems(cluster.plan(Backend::automatic)), HasSubstr("node-2: it has no IPv6 address"));
  cluster.underlays.pop_back();
  EXPECT_THAT(problems(cluster.plan(Backend::automatic)),
              HasSubstr("node-3: we have no IPv6 address to reach it"));
  cluster.self.pod_cidrs.clear();
  EXPECT_THAT(problems(cluster.plan(Backend::vxlan)),
              HasSubstr("node-3: we have no IPv4 podCIDR of our own yet"));
}

TEST(NodeNetwork, AnMtuThatIsTooSmallIsSaid) {
  Cluster cluster;
  cluster.underlays[1].mtu = 1300;
  EXPECT_EQ(problems(cluster.plan(Backend::host_gw)), "");
  EXPECT_EQ(problems(cluster.plan(Backend::vxlan)),
            "node-1: eth0 has an MTU of 1300: too small for pods' IPv6, which needs 1350\n");
  cluster.underlays[0].mtu = 20;
  EXPECT_THAT(problems(cluster.plan(Backend::vxlan)), HasSubstr("too small for pods' IPv4"));
}

TEST(NodeNetwork, SeveralBlocksOfANodeGoTheSameWay) {
  Cluster cluster;
  cluster.nodes[1].pod_cidrs = {net("10.244.9.0/26"), net("10.244.9.128/26")};
  const auto planned = cluster.plan(Backend::vxlan);
  EXPECT_EQ(planned.network.routes.at(net("10.244.9.128/26")).object.gateway, ip("10.244.9.0"));
  EXPECT_EQ(planned.network.neighbours.size(), 3U);
}

}  // namespace
}  // namespace podwire::plan
