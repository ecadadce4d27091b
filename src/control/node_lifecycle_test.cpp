#include "control/node_lifecycle.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "control/world_testing.h"

namespace podwire::control {
namespace {

using std::chrono::seconds;
using testing::only;
using testing::pointers;
using testing::World;

class NodeLifecycle : public ::testing::Test {
 protected:
  World world;
  kube::Time start = world.now;
  kube::Lease lease;

  NodeLifecycle() {
    world.put("nodes", {{"metadata", {{"name", "n1"}}}});
    heartbeat();
  }

  void heartbeat() {
    lease.renewed = world.now;
    condition("True");
  }
  void condition(std::string_view status) {
    world.at("nodes", "", "n1")["status"] = {
        {"conditions",
         {{{"type", "Ready"}, {"status", status}, {"lastHeartbeatTime", kube::time_text(world.now)}}}}};
  }
  void put_pod(const std::string& name, const std::string& tolerations) {
    world.put("pods", json::parse(fmt::format(R"({{"metadata":{{"name":"{}","namespace":"ns"}},
        "spec":{{"nodeName":"n1","tolerations":{}}},
        "status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True"}}]}}}})",
                                              name, tolerations))
                          .as_object());
  }

  template <class Use>
  auto with_view(Use use) {
    const auto node = world.all<kube::Node>("nodes").at(0);
    const auto pods = world.all<kube::Pod>("pods");
    const auto seen = pointers(pods);
    return use(NodeView{node, &lease, seen, world.now});
  }
  Actions look() { return with_view(reconcile_node); }
  void settle() {
    int steps = 0;
    for (auto actions = look(); !actions.empty(); actions = look()) {
      world.apply(actions);
      ASSERT_LT(++steps, 6);
    }
  }
  std::string taints() {
    std::string text;
    const auto node = world.all<kube::Node>("nodes").at(0);
    for (const auto& taint : node.taints) text += fmt::format("{}:{} ", taint.key, taint.effect);
    return text;
  }
};

TEST_F(NodeLifecycle, LeavesAHealthyNodeAlone) {
  world.now += seconds(50);
  EXPECT_TRUE(look().empty());
  EXPECT_EQ(with_view(next_look), start + seconds(51));
}

TEST_F(NodeLifecycle, TurnsSilenceIntoUnknownAndTaints) {
  put_pod("p", "[{\"operator\":\"Exists\"}]");
  world.now += seconds(51);
  settle();
  const auto node = world.all<kube::Node>("nodes").at(0);
  const auto* ready = kube::find_condition(node.conditions, "Ready");
  EXPECT_EQ(std::tie(ready->status, ready->reason, ready->message),
            std::make_tuple("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."));
  EXPECT_EQ(taints(), "node.kubernetes.io/unreachable:NoSchedule node.kubernetes.io/unreachable:NoExecute ");
  EXPECT_FALSE(kube::is_ready(world.all<kube::Pod>("pods").at(0)));
  heartbeat();
  settle();
  EXPECT_EQ(taints(), "");
}

TEST_F(NodeLifecycle, NotReadyIsAnotherTaint) {
  condition("False");
  settle();
  EXPECT_EQ(taints(), "node.kubernetes.io/not-ready:NoSchedule node.kubernetes.io/not-ready:NoExecute ");
}

TEST_F(NodeLifecycle, EvictsWhenTolerationEnds) {
  put_pod("at-once", "[]");
  put_pod("later",
          R"([{"key":"node.kubernetes.io/unreachable","operator":"Exists","tolerationSeconds":300}])");
  put_pod("never", R"([{"key":"node.kubernetes.io/unreachable","operator":"Exists"}])");
  world.now += seconds(60);
  settle();
  const auto names = [&] {
    std::string text;
    for (const auto& [resource, ns, name] : world.keys("pods")) text += name + " ";
    return text;
  };
  EXPECT_EQ(names(), "later never ");
  EXPECT_EQ(with_view(next_look), start + seconds(360));
  world.now = start + seconds(359);
  settle();
  EXPECT_EQ(names(), "later never ");
  world.now = start + seconds(360);
  settle();
  EXPECT_EQ(names(), "never ");
}

TEST_F(NodeLifecycle, KeepsTheTaintsOfUsers) {
  world.at("nodes", "", "n1")["spec"] = {{"taints", {{{"key", "mine"}, {"effect", "NoSchedule"}}}},
                                         {"unschedulable", true}};
  settle();
  EXPECT_EQ(taints(), "mine:NoSchedule node.kubernetes.io/unschedulable:NoSchedule ");
  world.at("nodes", "", "n1")["spec"].as_object().erase("unschedulable");
  settle();
  EXPECT_EQ(taints(), "mine:NoSchedule ");
}

TEST_F(NodeLifecycle, OfANodeThatNeverSpoke) {
  world.at("nodes", "", "n1").erase("status");
  lease.renewed.reset();
  world.now += seconds(51);
  settle();
  const auto node = world.all<kube::Node>("nodes").at(0);
  EXPECT_EQ(kube::find_condition(node.conditions, "Ready")->reason, "NodeStatusNeverUpdated");
}

}  // namespace
}  // namespace podwire::control
