#include "control/daemon_set.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <random>
#include <set>

#include "control/world_testing.h"

namespace podwire::control {
namespace {

using kube::Pod;
using testing::pointers;
using testing::World;

class DaemonSets : public ::testing::Test {
 protected:
  World world;

  DaemonSets() {
    world.put("daemonsets.apps",
              json::parse(R"({"metadata":{"name":"net","namespace":"ns","uid":"ds","generation":1},
        "spec":{"selector":{"matchLabels":{"app":"net"}},
                "template":{"metadata":{"labels":{"app":"net"}},"spec":{"image":"v1"}}}})")
                  .as_object());
    for (const auto* name : {"n1", "n2", "n3"}) add_node(name);
  }
  void add_node(const std::string& name) {
    world.put("nodes",
              {{"metadata", {{"name", name}, {"labels", {{"name", name}}}}}, {"spec", json::object()}});
  }
  json::object& spec() { return world.at("daemonsets.apps", "ns", "net")["spec"].as_object(); }
  json::object& pod_spec() { return spec()["template"].as_object()["spec"].as_object(); }

  Actions look() {
    const auto set = world.all<kube::DaemonSet>("daemonsets.apps").at(0);
    const auto nodes = world.all<kube::Node>("nodes");
    const auto pods = world.all<Pod>("pods");
    const auto node_pointers = pointers(nodes);
    const auto pod_pointers = pointers(pods);
    return reconcile_daemon_set({set, node_pointers, pod_pointers, world.now});
  }
  void start_all() {
    for (const auto& [resource, ns, name] : world.keys("pods"))
      world.at("pods", ns, name)["status"] = {{"phase", "Running"},
                                              {"conditions", {{{"type", "Ready"}, {"status", "True"}}}}};
  }
  bool settle() {
    for (int i = 0; i < 40; ++i) {
      const auto actions = look();
      if (actions.empty()) return true;
      world.apply(actions);
      start_all();
    }
    return false;
  }
  std::multiset<std::string> places() {
    std::multiset<std::string> nodes;
    for (const auto& pod : world.all<Pod>("pods")) nodes.insert(node_of_daemon_pod(pod));
    return nodes;
  }
  kube::DaemonSet::Status status() { return world.all<kube::DaemonSet>("daemonsets.apps").at(0).status; }
};

TEST_F(DaemonSets, RunOnEveryNode) {
  ASSERT_TRUE(settle());
  EXPECT_EQ(places(), (std::multiset<std::string>{"n1", "n2", "n3"}));
  EXPECT_EQ(std::tuple(status().desired, status().current, status().available, status().updated),
            std::tuple(3, 3, 3, 3));
  add_node("n4");
  ASSERT_TRUE(settle());
  EXPECT_EQ(places().count("n4"), 1U);
}

TEST_F(DaemonSets, FollowNodeSelectorsAndTaints) {
  world.at("nodes", "", "n1")["spec"] = {{"taints", {{{"key", "k"}, {"effect", "NoSchedule"}}}}};
  world.at("nodes", "", "n2")["spec"] = {
      {"unschedulable", true},
      {"taints", {{{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}}}}};
  ASSERT_TRUE(settle());
  EXPECT_EQ(places(), (std::multiset<std::string>{"n2", "n3"})) << "a cordoned node keeps its daemons";
  pod_spec()["nodeSelector"] = {{"name", "n3"}};
  ASSERT_TRUE(settle());
  EXPECT_EQ(places(), (std::multiset<std::string>{"n3"}));
}

TEST_F(DaemonSets, StayOnATaintedNodeUnlessItExecutes) {
  ASSERT_TRUE(settle());
  world.at("nodes", "", "n1")["spec"] = {{"taints", {{{"key", "k"}, {"effect", "NoSchedule"}}}}};
  ASSERT_TRUE(settle());
  EXPECT_EQ(places().size(), 3U);
  EXPECT_EQ(status().misscheduled, 1);
  world.at("nodes", "", "n1")["spec"] = {{"taints", {{{"key", "k"}, {"effect", "NoExecute"}}}}};
  ASSERT_TRUE(settle());
  EXPECT_EQ(places(), (std::multiset<std::string>{"n2", "n3"}));
}

TEST_F(DaemonSets, ReplaceOldPodsOneByOne) {
  ASSERT_TRUE(settle());
  pod_spec()["image"] = "v2";
  const auto first = look();
  EXPECT_EQ(testing::only<Delete>(first).size(), 1U);
  world.apply(first);
  EXPECT_TRUE(testing::only<Delete>(look()).empty()) << "one is missing already";
  ASSERT_TRUE(settle());
  EXPECT_EQ(status().updated, 3);
  spec()["updateStrategy"] = {{"type", "OnDelete"}};
  pod_spec()["image"] = "v3";
  ASSERT_TRUE(settle());
  EXPECT_EQ(status().updated, 0);
}

TEST_F(DaemonSets, ReplaceFinishedAndDoublePods) {
  ASSERT_TRUE(settle());
  const auto key = world.keys("pods").at(0);
  auto twin = world.at("pods", "ns", std::get<2>(key));
  auto& metadata = twin["metadata"].as_object();
  metadata["name"] = "twin";
  metadata["uid"] = "twin";
  world.put("pods", twin);
  ASSERT_TRUE(settle());
  EXPECT_EQ(places(), (std::multiset<std::string>{"n1", "n2", "n3"}));
  world.at("pods", "ns", std::get<2>(world.keys("pods").at(1)))["status"] = {{"phase", "Failed"}};
  ASSERT_TRUE(settle());
  EXPECT_EQ(places(), (std::multiset<std::string>{"n1", "n2", "n3"}));
}

TEST_F(DaemonSets, ReachOnePodANodeWhateverHappens) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    const auto node = "n" + std::to_string(random() % 8);
    const auto keys = world.keys("nodes");
    const bool there =
        std::ranges::find(keys, node, [](const auto& key) { return std::get<2>(key); }) != keys.end();
    if (!there) add_node(node);
    if (random() % 3 == 0) pod_spec()["image"] = std::to_string(random() % 3);
    for (const auto& [resource, ns, name] : world.keys("pods"))
      if (random() % 6 == 0) world.erase("pods", ns, name);
    ASSERT_TRUE(settle());
    EXPECT_EQ(places().size(), world.keys("nodes").size());
    EXPECT_EQ(std::tuple(status().updated, status().unavailable), std::tuple(status().desired, 0));
  }
}

}  // namespace
}  // namespace podwire::control
