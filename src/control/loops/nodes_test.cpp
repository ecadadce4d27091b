#include <fmt/format.h>

#include <map>
#include <set>

#include "control/loops/chaos_testing.h"
#include "kube/types/daemon_set.h"
#include "kube/types/node.h"

namespace podwire::control::testing {
namespace {

ControllerOptions with_cidrs(std::string_view range, unsigned mask) {
  return {.cluster_cidrs = {Cidr::parse(range).value()}, .node_masks = {.any = mask}};
}

std::string node(std::string_view name, int pods = 10, std::string_view more = "") {
  return fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{{{}}},
    "status":{{"allocatable":{{"pods":"{}","cpu":"4","memory":"8Gi"}},
               "conditions":[{{"type":"Ready","status":"True"}}]}}}})",
                     name, more, pods);
}

std::multiset<std::string> reasons(const FakeApi& api) {
  std::multiset<std::string> out;
  for (const auto* event : api.all("events")) out.emplace(kube::text_in(*event, "reason"));
  return out;
}

TEST(PodCidrLoop, GivesTakesAndHeals) {
  Cluster cluster(with_cidrs("10.244.0.0/23", 24));
  for (const auto* name : {"a", "b", "c"}) cluster.create("nodes", node(name));
  cluster.create("nodes", node("strange", 10, R"("podCIDRs":["192.0.2.0/24"])"));
  cluster.settle();
  std::map<std::string, std::string> cidr_of;
  for (const auto& n : cluster.api.typed<kube::Node>("nodes"))
    cidr_of[n.meta.name] = n.pod_cidrs.empty() ? "" : n.pod_cidrs.front().str();
  EXPECT_EQ(cidr_of,
            (std::map<std::string, std::string>{
                {"a", "10.244.0.0/24"}, {"b", "10.244.1.0/24"}, {"c", ""}, {"strange", "192.0.2.0/24"}}));
  EXPECT_EQ(reasons(cluster.api).count("CIDRNotAvailable"), 1U);
  EXPECT_EQ(reasons(cluster.api).count("CIDROutOfRange"), 1U);
  cluster.api.erase("nodes", "", "a");
  cluster.settle();
  EXPECT_EQ(kube::text_in(*cluster.api.find("nodes", "", "c"), "spec", "podCIDR"), "10.244.0.0/24");
}

TEST(PodCidrLoop, KnowsAllNodesBeforeItGivesToTheFirst) {
  Cluster cluster(with_cidrs("10.244.0.0/23", 24));
  cluster.create("nodes", node("a-new-one"));
  cluster.create("nodes", node("b-old", 10, R"("podCIDRs":["10.244.0.0/24"])"));
  cluster.settle();
  EXPECT_EQ(kube::text_in(*cluster.api.find("nodes", "", "a-new-one"), "spec", "podCIDR"), "10.244.1.0/24");
}

using Nodes = AnyFaults;
INSTANTIATE_TEST_SUITE_P(Seeds, Nodes, ::testing::Range(0U, 40U));

TEST_P(Nodes, NoPodCidrIsGivenTwice) {
  Chaos chaos(GetParam(), with_cidrs("10.244.0.0/22", 24));
  auto& api = chaos.cluster.api;
  const auto check = [&] {
    std::set<std::string> seen;
    for (const auto& n : api.typed<kube::Node>("nodes"))
      for (const auto& cidr : n.pod_cidrs) ASSERT_TRUE(seen.insert(cidr.str()).second) << cidr.str();
  };
  api.written = [&](const http::Call&, const std::string& resource) {
    if (resource == "nodes") check();
  };
  chaos.cluster.settle();
  api.hold_watches();
  for (int i = 0; i < 300; ++i) {
    const auto name = fmt::format("n{}", chaos.below(6));
    const bool there = api.find("nodes", "", name) != nullptr;
    if (chaos.below(8) == 0) {
      if (there) {
        api.erase("nodes", "", name);
      } else {
        chaos.cluster.create("nodes", node(name));
      }
    }
    if (chaos.below(100) == 0) chaos.cluster.start();
    chaos.step();
  }
  chaos.calm();
  std::size_t have = 0;
  for (const auto& n : api.typed<kube::Node>("nodes")) have += n.pod_cidrs.empty() ? 0 : 1;
  EXPECT_EQ(have, std::min<std::size_t>(4, api.all("nodes").size()));
}

TEST_P(Nodes, AreNeverOverbooked) {
  Chaos chaos(GetParam(), {.disabled = {"node-controller"}});
  auto& api = chaos.cluster.api;
  const auto on_nodes = [&] {
    std::map<std::string, int> count;
    for (const auto& pod : api.typed<kube::Pod>("pods"))
      if (!pod.spec.node_name.empty()) ++count[pod.spec.node_name];
    return count;
  };
  api.written = [&](const http::Call&, const std::string& resource) {
    if (resource != "pods") return;
    for (const auto& [name, count] : on_nodes()) ASSERT_LE(count, 3) << name;
  };
  for (const auto* name : {"a", "b", "c"}) chaos.cluster.create("nodes", node(name, 3));
  chaos.cluster.settle();
  api.hold_watches();
  for (int i = 0; i < 12; ++i)
    chaos.cluster.create("pods", fmt::format(R"({{"metadata":{{"name":"p{}","namespace":"default"}},
      "spec":{{"containers":[{{"name":"c"}}]}}}})",
                                             i));
  for (int i = 0; i < 150; ++i) chaos.step();
  chaos.failing = false;
  chaos.cluster.api.release_all();
  chaos.cluster.settle();
  std::size_t bound = 0;
  for (const auto& [name, count] : on_nodes()) bound += static_cast<std::size_t>(count);
  EXPECT_EQ(bound, std::min<std::size_t>(9, api.all("pods").size()));
}

TEST(SchedulingLoop, LooksAgainWhenANodeComes) {
  Cluster cluster;
  cluster.create("pods",
                 R"({"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c"}]}})");
  cluster.settle();
  EXPECT_EQ(reasons(cluster.api).count("FailedScheduling"), 1U);
  cluster.create("nodes", node("a"));
  cluster.settle();
  EXPECT_EQ(kube::text_in(*cluster.api.find("pods", "default", "p"), "spec", "nodeName"), "a");
}

TEST(NodeLifecycleLoop, ASilentNodeIsUnknownTaintedAndLeft) {
  Cluster cluster;
  cluster.create("nodes", node("a"));
  cluster.create("pods", R"({"metadata":{"name":"p","namespace":"default"},
    "spec":{"nodeName":"a","containers":[{"name":"c"}]}})");
  cluster.settle();
  EXPECT_TRUE(cluster.api.typed<kube::Node>("nodes").at(0).taints.empty());
  cluster.settle(std::chrono::seconds(60));
  const auto silent = cluster.api.typed<kube::Node>("nodes").at(0);
  EXPECT_EQ(kube::find_condition(silent.conditions, "Ready")->status, "Unknown");
  EXPECT_EQ(silent.taints.size(), 2U);
  EXPECT_TRUE(cluster.api.typed<kube::Pod>("pods").at(0).meta.deleted);
}

TEST(LostPodsLoop, PodsOfANodeThatIsGoneGoWithIt) {
  Cluster cluster;
  cluster.create("nodes", node("a"));
  for (const auto* name : {"a", "never-there"})
    cluster.create("pods", fmt::format(R"({{"metadata":{{"name":"on-{0}","namespace":"default"}},
      "spec":{{"nodeName":"{0}","containers":[{{"name":"c"}}]}}}})",
                                       name));
  cluster.settle(std::chrono::seconds(30));
  EXPECT_EQ(cluster.api.all("pods").size(), 2U);
  cluster.settle(std::chrono::seconds(15));
  ASSERT_EQ(cluster.api.all("pods").size(), 1U);
  EXPECT_NE(cluster.api.find("pods", "default", "on-a"), nullptr);
  cluster.api.erase("nodes", "", "a");
  cluster.settle(std::chrono::seconds(30));
  EXPECT_EQ(cluster.api.all("pods").size(), 1U);
  cluster.settle(std::chrono::seconds(15));
  EXPECT_TRUE(cluster.api.all("pods").empty());
}

TEST(LostPodsLoop, ANodeThatComesBackKeepsItsPods) {
  Cluster cluster;
  cluster.create("nodes", node("a"));
  cluster.create("pods", R"({"metadata":{"name":"p","namespace":"default"},
    "spec":{"nodeName":"a","containers":[{"name":"c"}]}})");
  cluster.settle();
  for (int i = 0; i < 3; ++i) {  // each time it is gone for less than the time of grace
    cluster.api.erase("nodes", "", "a");
    cluster.settle(std::chrono::seconds(30));
    cluster.create("nodes", node("a"));
    cluster.settle(std::chrono::seconds(5));
  }
  EXPECT_EQ(cluster.api.all("pods").size(), 1U);
}

TEST(DaemonSetLoop, RunsOnEveryNodeThatComes) {
  Cluster cluster;
  cluster.create("daemonsets.apps", R"({"metadata":{"name":"d","namespace":"default"},
    "spec":{"selector":{"matchLabels":{"app":"d"}},
            "template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"c"}]}}}})");
  cluster.create("nodes", node("a"));
  cluster.settle();
  cluster.create("nodes", node("b"));
  cluster.settle();
  std::set<std::string> on;
  for (const auto& pod : cluster.api.typed<kube::Pod>("pods")) on.insert(pod.spec.node_name);
  EXPECT_EQ(on, (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(cluster.api.typed<kube::DaemonSet>("daemonsets.apps").at(0).status.desired, 2);
}

}  // namespace
}  // namespace podwire::control::testing
