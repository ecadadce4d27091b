#include "control/scheduler.h"

#include <fmt/format.h>

#include "control/world_testing.h"

namespace podwire::control {
namespace {

using kube::Node;
using kube::Pod;
using testing::only;
using testing::pointers;

kube::Quantity amount(std::string_view text) { return kube::Quantity::parse(text).value(); }

Node node(const std::string& name) {
  Node node;
  node.meta.name = name;
  node.meta.labels = {{"kubernetes.io/hostname", name}};
  node.allocatable = {{"cpu", amount("2")}, {"memory", amount("4Gi")}, {"pods", amount("3")}};
  return node;
}

Pod pod(const std::string& cpu = "") {
  Pod pod;
  pod.meta = {.name = "p", .namespace_ = "ns", .uid = "u"};
  pod.spec.containers = {{.name = "c"}};
  if (!cpu.empty()) pod.spec.containers[0].requests = {{"cpu", amount(cpu)}};
  return pod;
}

class Scheduling : public ::testing::Test {
 protected:
  std::vector<Node> nodes{node("n1"), node("n2"), node("n3")};
  std::map<std::string, NodeLoad> load;

  Placement place(const Pod& pod) {
    const auto seen = pointers(nodes);
    return place_pod(pod, {seen, load});
  }
};

TEST_F(Scheduling, SpreadsWhatIsOfOneOwner) {
  auto p = pod("10m");
  p.meta.owners = {{"apps/v1", "ReplicaSet", "rs", "rs", true, true}};
  std::map<std::string, int> count;
  for (int i = 0; i < 9; ++i) {
    const auto at = place(p).node;
    ASSERT_FALSE(at.empty());
    ++count[at];
    load[at].add(p);
  }
  EXPECT_EQ(count, (std::map<std::string, int>{{"n1", 3}, {"n2", 3}, {"n3", 3}}));
  EXPECT_EQ(place(p).why_not, "0/3 nodes are available: 3 Too many pods.");
  load["n2"].remove(p);
  EXPECT_EQ(place(p).node, "n2");
}

TEST_F(Scheduling, TakesTheNodeWithMostLeft) {
  load["n1"].add(pod("1"));
  load["n2"].add(pod("500m"));
  load["n3"].add(pod("1500m"));
  EXPECT_EQ(place(pod("100m")).node, "n2");
}

TEST_F(Scheduling, SaysWhyNot) {
  nodes[0].taints = {{"dedicated", "db", "NoSchedule", {}}};
  nodes[1].unschedulable = true;
  load["n3"].add(pod("1900m"));
  EXPECT_EQ(place(pod("200m")).why_not,
            "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {dedicated: db}, "
            "1 node(s) were unschedulable.");
  auto selective = pod();
  selective.spec.node_selector = {{"disk", "ssd"}};
  nodes[0].taints.clear();
  nodes[1].unschedulable = false;
  EXPECT_EQ(place(selective).why_not,
            "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.");
  nodes.clear();
  EXPECT_EQ(place(pod()).why_not, "no nodes available to schedule pods");
}

TEST_F(Scheduling, FollowsSelectorsAffinityAndTolerations) {
  auto p = pod();
  p.spec.node_selector = {{"kubernetes.io/hostname", "n3"}};
  EXPECT_EQ(place(p).node, "n3");
  p = pod();
  p.spec.node_affinity = {{.expressions = {}, .fields = {{"metadata.name", "In", {"n2"}}}}};
  EXPECT_EQ(place(p).node, "n2");
  nodes[1].taints = {{"k", "v", "NoExecute", {}}};
  EXPECT_EQ(place(p).node, "");
  p.spec.tolerations = {{.key = "k", .op = "Exists", .value = "", .effect = "", .seconds = {}}};
  EXPECT_EQ(place(p).node, "n2");
}

TEST_F(Scheduling, AvoidsTaintsThatOnlyPrefer) {
  nodes[0].taints = nodes[1].taints = {{"k", "v", "PreferNoSchedule", {}}};
  EXPECT_EQ(place(pod()).node, "n3");
}

TEST_F(Scheduling, GivesAHostPortOnceANode) {
  nodes.resize(1);
  auto p = pod();
  p.spec.containers[0].ports = {{.name = "", .container_port = 80, .host_port = 8080}};
  EXPECT_EQ(place(p).node, "n1");
  auto there = p;
  there.spec.containers[0].ports[0].host_ip = IpAddr::parse("10.0.0.1").value();
  load["n1"].add(there);
  EXPECT_EQ(place(p).why_not,
            "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.");
  p.spec.containers[0].ports[0].host_ip = IpAddr::parse("10.0.0.2").value();
  EXPECT_EQ(place(p).node, "n1");
  p.spec.containers[0].ports[0].protocol = "UDP";
  p.spec.containers[0].ports[0].host_ip.reset();
  EXPECT_EQ(place(p).node, "n1");
}

TEST_F(Scheduling, DoesNotDependOnTheOrderOfNodes) {
  const auto first = place(pod("100m")).node;
  std::swap(nodes[0], nodes[2]);
  EXPECT_EQ(place(pod("100m")).node, first);
}

TEST_F(Scheduling, BindsOrReportsOnce) {
  const auto seen = pointers(nodes);
  const auto bound = schedule(pod(), {seen, load}, {});
  ASSERT_EQ(only<Create>(bound).size(), 1U);
  EXPECT_EQ(only<Create>(bound)[0].subresource, "binding");
  EXPECT_EQ(only<Create>(bound)[0].record->message, "Successfully assigned ns/p to n1");

  auto big = pod("100");
  const auto refused = schedule(big, {seen, load}, {});
  ASSERT_EQ(only<Record>(refused).size(), 1U);
  EXPECT_EQ(only<Record>(refused)[0].reason, "FailedScheduling");
  big.status.conditions = {
      {"PodScheduled", "False", "Unschedulable", "0/3 nodes are available: 3 Insufficient cpu."}};
  EXPECT_TRUE(schedule(big, {seen, load}, {}).empty());
}

TEST_F(Scheduling, LeavesPodsOfOthersAlone) {
  auto p = pod();
  EXPECT_TRUE(awaits_node(p));
  p.spec.scheduler_name = "mine";
  EXPECT_FALSE(awaits_node(p));
  p = pod();
  p.spec.scheduling_gates = 1;
  EXPECT_FALSE(awaits_node(p));
  p = pod();
  p.spec.node_name = "n1";
  EXPECT_FALSE(awaits_node(p));
}

}  // namespace
}  // namespace podwire::control
