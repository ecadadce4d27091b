#include "control/replica_set.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <random>

#include "control/world_testing.h"

namespace podwire::control {
namespace {

using kube::Pod;
using kube::ReplicaSet;
using testing::only;
using testing::pointers;
using testing::World;

json::object set_of(int replicas) {
  return json::parse(fmt::format(R"({{"metadata":{{"name":"web","namespace":"ns","uid":"rs","generation":3}},
    "spec":{{"replicas":{},"selector":{{"matchLabels":{{"app":"web"}}}},
             "template":{{"metadata":{{"labels":{{"app":"web"}}}},"spec":{{"containers":[{{"name":"c"}}]}}}}}}}})",
                                 replicas))
      .as_object();
}

World world_with(int replicas) {
  World world;
  world.put("replicasets.apps", set_of(replicas));
  return world;
}

Actions look(const World& world) {
  const auto set = world.all<ReplicaSet>("replicasets.apps").at(0);
  const auto pods = world.all<Pod>("pods");
  const auto seen = pointers(pods);
  return reconcile_replica_set({.set = set, .pods = seen, .siblings_on_node = {}, .now = world.now});
}

TEST(ReplicaSets, CreateTheirPodsFromTheTemplate) {
  auto world = world_with(2);
  const auto actions = look(world);
  const auto creates = only<Create>(actions);
  ASSERT_EQ(creates.size(), 2U);
  EXPECT_EQ(creates[0].record->message, "Created pod: {}");
  world.apply(actions);
  const auto pods = world.all<Pod>("pods");
  ASSERT_EQ(pods.size(), 2U);
  EXPECT_EQ(pods[0].meta.name.rfind("web-", 0), 0U);
  EXPECT_EQ(pods[0].meta.labels, (kube::TextMap{{"app", "web"}}));
  EXPECT_EQ(kube::controller_of(pods[0].meta)->uid, "rs");
  EXPECT_EQ(pods[0].spec.containers.at(0).name, "c");
  world.apply(look(world));
  EXPECT_TRUE(look(world).empty());
  EXPECT_EQ(world.all<ReplicaSet>("replicasets.apps")[0].status.replicas, 2);
  EXPECT_EQ(world.all<ReplicaSet>("replicasets.apps")[0].status.observed_generation, 3);
}

TEST(ReplicaSets, SayThatTheyFailAsLongAsTheyDo) {
  auto world = world_with(1);
  const auto failing = [&](std::optional<ReplicaFailure> failure) {
    const auto set = world.all<ReplicaSet>("replicasets.apps").at(0);
    const auto actions =
        reconcile_replica_set({.set = set, .pods = {}, .now = world.now, .failure = failure});
    for (const auto& patch : only<Patch>(actions)) world.apply({patch});
    return only<Record>(actions);
  };
  const auto events = failing(ReplicaFailure{true, "pods is forbidden"});
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].message, "Error creating: pods is forbidden");
  const auto status = [&] { return world.all<ReplicaSet>("replicasets.apps").at(0).status; };
  ASSERT_EQ(status().conditions.size(), 1U);
  EXPECT_EQ(status().conditions[0].reason, "FailedCreate");
  EXPECT_TRUE(failing(std::nullopt).empty());
  EXPECT_TRUE(status().conditions.empty());
}

TEST(ReplicaSets, CreateInBursts) {
  auto world = world_with(1200);
  EXPECT_EQ(only<Create>(look(world)).size(), 500U);
}

TEST(ReplicaSets, AdoptOrphansAndReleaseWhatTheyNoLongerSelect) {
  auto world = world_with(1);
  world.put("pods", {{"metadata", {{"name", "orphan"}, {"namespace", "ns"}, {"labels", {{"app", "web"}}}}}});
  world.apply(look(world));
  EXPECT_EQ(world.all<Pod>("pods").size(), 1U);
  EXPECT_EQ(kube::controller_of(world.all<Pod>("pods")[0].meta)->uid, "rs");

  world.at("pods", "ns", "orphan")["metadata"].as_object()["labels"] = {{"app", "debug"}};
  world.apply(look(world));
  const auto pods = world.all<Pod>("pods");
  ASSERT_EQ(pods.size(), 2U);
  for (const auto& pod : pods) EXPECT_EQ(kube::controller_of(pod.meta) == nullptr, pod.meta.name == "orphan");
}

TEST(ReplicaSets, DoNotTouchPodsOfOthers) {
  auto world = world_with(0);
  world.put("pods", json::parse(R"({"metadata":{"name":"p","namespace":"ns","labels":{"app":"web"},
      "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"x","uid":"other","controller":true}]}})")
                        .as_object());
  world.apply(look(world));
  EXPECT_EQ(world.all<Pod>("pods").size(), 1U);
}

TEST(ReplicaSets, BeingDeletedDoNothingMore) {
  auto world = world_with(3);
  world.at("replicasets.apps", "ns", "web")["metadata"].as_object()["deletionTimestamp"] =
      "2026-01-01T00:00:00Z";
  world.put("pods", {{"metadata", {{"name", "orphan"}, {"namespace", "ns"}, {"labels", {{"app", "web"}}}}}});
  const auto actions = look(world);
  EXPECT_TRUE(only<Create>(actions).empty());
  for (const auto& patch : only<Patch>(actions)) EXPECT_EQ(patch.subresource, "status");
}

TEST(ReplicaSets, ReplaceFinishedPods) {
  auto world = world_with(1);
  world.apply(look(world));
  const auto name = world.all<Pod>("pods")[0].meta.name;
  world.at("pods", "ns", name)["status"] = {{"phase", "Failed"}};
  world.apply(look(world));
  EXPECT_EQ(world.all<Pod>("pods").size(), 2U);
}

TEST(ReplicaSets, CountWhatIsAvailableAfterMinReadySeconds) {
  auto world = world_with(1);
  world.at("replicasets.apps", "ns", "web")["spec"].as_object()["minReadySeconds"] = 10;
  world.apply(look(world));
  const auto name = world.all<Pod>("pods")[0].meta.name;
  world.at("pods", "ns", name)["status"] =
      json::parse(R"({"phase":"Running","conditions":[{"type":"Ready","status":"True",
        "lastTransitionTime":"2026-01-01T00:00:00Z"}]})");
  world.apply(look(world));
  EXPECT_EQ(world.all<ReplicaSet>("replicasets.apps")[0].status.ready, 1);
  EXPECT_EQ(world.all<ReplicaSet>("replicasets.apps")[0].status.available, 0);
  world.now += std::chrono::seconds(10);
  world.apply(look(world));
  EXPECT_EQ(world.all<ReplicaSet>("replicasets.apps")[0].status.available, 1);
}

struct Ranked {
  std::string name;
  std::string node = "n1", phase = "Running";
  bool ready = true;
  int restarts = 0, age = 1000;
  std::string cost;
};

std::string first_to_go(const std::vector<Ranked>& specs) {
  const kube::Time now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  std::vector<Pod> pods;
  std::map<std::string, int> on_node;
  for (const auto& spec : specs) {
    Pod pod;
    pod.meta = {.name = spec.name, .uid = spec.name, .created = now - std::chrono::seconds(spec.age)};
    if (!spec.cost.empty())
      pod.meta.annotations = {{"controller.kubernetes.io/pod-deletion-cost", spec.cost}};
    pod.spec.node_name = spec.node;
    pod.status.phase = spec.phase;
    pod.status.restarts = spec.restarts;
    if (spec.ready)
      pod.status.conditions = {{"Ready", "True", "", "", {}, {}, now - std::chrono::seconds(500)}};
    ++on_node[spec.node];
    pods.push_back(std::move(pod));
  }
  auto ranked = pointers(pods);
  rank_for_deletion(ranked, on_node, now);
  return ranked.front()->meta.name;
}

TEST(DeletionRank, PutsFirstWhatIsMissedLeast) {
  EXPECT_EQ(first_to_go({{"a"}, {.name = "b", .node = ""}}), "b");
  EXPECT_EQ(first_to_go({{"a"}, {.name = "b", .phase = "Pending"}}), "b");
  EXPECT_EQ(first_to_go({{"a"}, {.name = "b", .ready = false}}), "b");
  EXPECT_EQ(first_to_go({{"a"}, {.name = "b", .cost = "-5"}}), "b");
  EXPECT_EQ(first_to_go({{.name = "a", .node = "n2"}, {"b"}, {"c"}}), "b");
  EXPECT_EQ(first_to_go({{"a"}, {.name = "b", .restarts = 3}}), "b");
  EXPECT_EQ(first_to_go({{"a"}, {.name = "b", .age = 10}}), "b");
  EXPECT_EQ(first_to_go({{.name = "b", .ready = false}, {.name = "a", .node = "n2", .phase = "Pending"}}),
            "a");
}

TEST(ReplicaSets, ReachTheirNumberWhateverHappens) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    auto world = world_with(0);
    for (int round = 0; round < 10; ++round) {
      const int wanted = static_cast<int>(random() % 20);
      world.at("replicasets.apps", "ns", "web")["spec"].as_object()["replicas"] = wanted;
      for (const auto& [resource, ns, name] : world.keys("pods")) {
        auto& pod = world.at("pods", ns, name);
        if (random() % 3 == 0)
          pod["status"] = {{"phase", "Running"}, {"conditions", {{{"type", "Ready"}, {"status", "True"}}}}};
        if (random() % 9 == 0) pod["status"] = {{"phase", "Failed"}};
        if (random() % 9 == 0) world.erase("pods", ns, name);
      }
      int steps = 0;
      for (auto actions = look(world); !actions.empty() && steps < 5; actions = look(world), ++steps)
        world.apply(actions);
      EXPECT_LT(steps, 5);
      int active = 0;
      for (const auto& pod : world.all<Pod>("pods")) active += kube::is_active(pod) ? 1 : 0;
      EXPECT_EQ(active, wanted);
      EXPECT_EQ(world.all<ReplicaSet>("replicasets.apps")[0].status.replicas, wanted);
    }
  }
}

}  // namespace
}  // namespace podwire::control
