#include "control/pod_collector.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "control/world_testing.h"

namespace podwire::control {
namespace {

using testing::only;
using testing::pointers;
using testing::World;

json::object pod(std::string_view name, std::string_view phase) {
  return json::parse(fmt::format(R"({{"metadata":{{"name":"{}","namespace":"ns"}},
    "spec":{{"nodeName":"n"}},"status":{{"phase":"{}","conditions":[{{"type":"Ready","status":"True"}}]}}}})",
                                 name, phase))
      .as_object();
}

TEST(PodCollector, AnOrphanFailsAndGoesAtOnce) {
  World world;
  world.put("pods", pod("running", "Running"));
  world.put("pods", pod("over", "Succeeded"));
  auto held = pod("held", "Running");
  held["metadata"].get_object()["finalizers"] = json::array{"somebodys/own"};
  held["metadata"].get_object()["deletionTimestamp"] = kube::time_text(world.now);
  world.put("pods", std::move(held));
  const auto pods = world.all<kube::Pod>("pods");
  const auto actions = collect_orphans(pointers(pods), world.now);
  const auto patches = only<Patch>(actions);
  ASSERT_EQ(patches.size(), 1U);  // who has succeeded has not failed
  EXPECT_EQ(patches[0].name, "running");
  EXPECT_EQ(kube::text_in(patches[0].merge, "status", "phase"), "Failed");
  const auto& conditions = *kube::array_in(patches[0].merge, "status", "conditions");
  ASSERT_EQ(conditions.size(), 2U);
  EXPECT_EQ(kube::text_in(conditions[1].as_object(), "type"), "DisruptionTarget");
  EXPECT_EQ(kube::text_in(conditions[1].as_object(), "reason"), "DeletionByPodGC");
  const auto deletions = only<Delete>(actions);
  ASSERT_EQ(deletions.size(), 2U);
  for (const auto& gone : deletions) EXPECT_EQ(gone.grace_seconds, 0);
}

TEST(PodCollector, TheOldestFinishedPodsGoFirst) {
  World world;
  for (const auto* name : {"c", "a", "b"}) {
    world.put("pods", pod(name, "Failed"));
    world.now += std::chrono::seconds(1);
  }
  const auto pods = world.all<kube::Pod>("pods");
  EXPECT_TRUE(collect_finished(pointers(pods), 3).empty());
  const auto gone = only<Delete>(collect_finished(pointers(pods), 1));
  ASSERT_EQ(gone.size(), 2U);
  EXPECT_EQ(gone[0].name, "c");
  EXPECT_EQ(gone[1].name, "a");
}

}  // namespace
}  // namespace podwire::control
