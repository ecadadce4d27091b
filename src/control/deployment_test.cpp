#include "control/deployment.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <random>

#include "control/replica_set.h"
#include "control/rollout.h"
#include "control/world_testing.h"

namespace podwire::control {
namespace {

using kube::Deployment;
using kube::Pod;
using kube::ReplicaSet;
using testing::only;
using testing::pointers;
using testing::World;

/// A world whose ReplicaSets are brought about as well, and whose pods start when they are told to.
class Cluster : public World {
 public:
  Cluster(int replicas, const std::string& strategy) {
    put("deployments.apps",
        json::parse(fmt::format(R"({{"metadata":{{"name":"web","namespace":"ns","uid":"d","generation":1}},
          "spec":{{"replicas":{},"strategy":{},"revisionHistoryLimit":2,"progressDeadlineSeconds":600,
          "selector":{{"matchLabels":{{"app":"web"}}}},
          "template":{{"metadata":{{"labels":{{"app":"web"}}}},"spec":{{"image":"v1"}}}}}}}})",
                                replicas, strategy))
            .as_object());
  }

  [[nodiscard]] Deployment deployment() const { return all<Deployment>("deployments.apps").at(0); }
  [[nodiscard]] std::vector<ReplicaSet> sets() const { return all<ReplicaSet>("replicasets.apps"); }
  [[nodiscard]] std::vector<Pod> pods() const { return all<Pod>("pods"); }
  json::object& object() { return at("deployments.apps", "ns", "web"); }
  json::object& spec() { return object()["spec"].as_object(); }

  /// What a user's write to the spec does.
  void image(std::string_view name) {
    spec()["template"].as_object()["spec"] = {{"image", name}};
    touched();
  }
  void scale(int replicas) {
    spec()["replicas"] = replicas;
    touched();
  }
  void touched() {
    auto& generation = object()["metadata"].as_object()["generation"];
    generation = generation.as_int64() + 1;
  }

  [[nodiscard]] Actions look() const {
    const auto d = deployment();
    const auto s = sets();
    const auto p = pods();
    const auto set_pointers = pointers(s);
    const auto pod_pointers = pointers(p);
    return reconcile_deployment({d, set_pointers, pod_pointers, now});
  }

  [[nodiscard]] Actions look_at(const ReplicaSet& set) const {
    const auto p = pods();
    const auto seen = pointers(p);
    return reconcile_replica_set({.set = set, .pods = seen, .siblings_on_node = {}, .now = now});
  }

  /// Everybody acts until nobody wants to; false: they never stop.
  bool settle() {
    for (int i = 0; i < 60; ++i) {
      const auto before = writes;
      apply(look());
      for (const auto& set : sets()) apply(look_at(set));
      check();
      if (writes == before) return true;
    }
    return false;
  }

  bool start_one() {
    for (const auto& pod : pods())
      if (!kube::is_ready(pod)) return start(pod), true;
    return false;
  }
  void start(const Pod& pod) {
    at("pods", "ns", pod.meta.name)["status"] = {
        {"phase", "Running"},
        {"conditions",
         {{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", kube::time_text(now)}}}}};
  }
  void finish() {
    ASSERT_TRUE(settle());
    while (start_one()) ASSERT_TRUE(settle());
  }

  [[nodiscard]] std::map<std::string, int> by_image() const {
    std::map<std::string, int> count;
    for (const auto& set : sets())
      if (set.replicas > 0)
        count[std::string(kube::text_in(set.pod_template, "spec", "image"))] += set.replicas;
    return count;
  }
  [[nodiscard]] std::string reason(std::string_view type) const {
    const auto status = deployment().status;
    const auto* condition = kube::find_condition(status.conditions, type);
    return condition != nullptr ? condition->status + " " + condition->reason : "";
  }
  [[nodiscard]] std::string revision() const {
    return std::string(kube::text_of(deployment().meta.annotations, kRevisionAnnotation));
  }

  int least_available = 0;  ///< of ready pods, at any moment
  int most_pods = 1000;

 private:
  void check() const {
    int ready = 0, there = 0;
    for (const auto& pod : pods()) ready += kube::is_ready(pod) ? 1 : 0, ++there;
    EXPECT_GE(ready, least_available);
    EXPECT_LE(there, most_pods);
  }
};

constexpr auto kRolling =
    R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}})";
constexpr auto kRecreate = R"({"type":"Recreate"})";

TEST(Deployments, BringUpTheirPods) {
  Cluster c(3, kRolling);
  ASSERT_TRUE(c.settle());
  ASSERT_EQ(c.sets().size(), 1U);
  const auto set = c.sets()[0];
  const auto hash = kube::text_of(set.meta.labels, kTemplateHashLabel);
  EXPECT_EQ(set.meta.name, fmt::format("web-{}", hash));
  EXPECT_EQ(kube::text_in(set.selector, "matchLabels", kTemplateHashLabel), hash);
  EXPECT_EQ(kube::text_in(set.pod_template, "metadata", "labels", kTemplateHashLabel), hash);
  EXPECT_EQ(kube::text_of(set.meta.annotations, kDesiredAnnotation), "3");
  EXPECT_EQ(kube::text_of(set.meta.annotations, kMaxAnnotation), "4");
  EXPECT_EQ(c.revision(), "1");
  EXPECT_EQ(c.reason("Available"), "False MinimumReplicasUnavailable");
  c.finish();
  EXPECT_EQ(c.reason("Available"), "True MinimumReplicasAvailable");
  EXPECT_EQ(c.reason("Progressing"), "True NewReplicaSetAvailable");
  const auto status = c.deployment().status;
  EXPECT_EQ(std::tuple(status.replicas, status.updated, status.ready, status.available, status.unavailable),
            std::tuple(3, 3, 3, 3, 0));
}

TEST(Deployments, RollWithoutLeavingTheirLimits) {
  Cluster c(8, kRolling);
  c.finish();
  c.least_available = 6;
  c.most_pods = 10;
  c.image("v2");
  ASSERT_TRUE(c.settle());
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v1", 6}, {"v2", 4}}));
  c.finish();
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v2", 8}}));
  EXPECT_EQ(c.revision(), "2");
  EXPECT_EQ(c.reason("Progressing"), "True NewReplicaSetAvailable");
}

TEST(Deployments, GoBackToAnOlderTemplateByItsReplicaSet) {
  Cluster c(2, kRolling);
  c.finish();
  const auto first = c.sets()[0].meta.name;
  c.image("v2");
  c.finish();
  c.image("v1");
  c.finish();
  EXPECT_EQ(c.revision(), "3");
  EXPECT_EQ(c.sets().size(), 2U);
  for (const auto& set : c.sets()) {
    if (set.meta.name != first) continue;
    EXPECT_EQ(set.replicas, 2);
    EXPECT_EQ(kube::text_of(set.meta.annotations, kRevisionAnnotation), "3");
    EXPECT_EQ(kube::text_of(set.meta.annotations, kRevisionHistoryAnnotation), "1");
  }
}

TEST(Deployments, ForgetTheOldestRevisions) {
  Cluster c(1, kRolling);
  for (const auto* image : {"v1", "v2", "v3", "v4", "v5"}) {
    c.image(image);
    c.finish();
  }
  std::vector<std::string> left;
  for (const auto& set : c.sets())
    left.emplace_back(kube::text_of(set.meta.annotations, kRevisionAnnotation));
  std::ranges::sort(left);
  EXPECT_EQ(left, (std::vector<std::string>{"3", "4", "5"}));
}

TEST(Deployments, RecreateOnlyWhenTheOldPodsAreGone) {
  Cluster c(3, kRecreate);
  c.finish();
  c.most_pods = 3;
  c.image("v2");
  c.apply(c.look());
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{}));
  EXPECT_EQ(c.sets().size(), 1U) << "old pods are still there";
  c.apply(c.look());
  EXPECT_EQ(c.sets().size(), 1U);
  c.finish();
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v2", 3}}));
}

TEST(Deployments, PausedScaleButDoNotRoll) {
  Cluster c(2, kRolling);
  c.finish();
  c.spec()["paused"] = true;
  c.image("v2");
  c.scale(5);
  c.finish();
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v1", 5}}));
  EXPECT_EQ(c.reason("Progressing"), "Unknown DeploymentPaused");
  c.spec().erase("paused");
  c.touched();
  c.apply(c.look());
  EXPECT_EQ(c.reason("Progressing"), "Unknown DeploymentResumed");
  c.finish();
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v2", 5}}));
}

TEST(Deployments, ScaledDuringARolloutKeepTheProportions) {
  Cluster c(10, R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":3,"maxUnavailable":2}})");
  c.finish();
  c.image("v2");
  ASSERT_TRUE(c.settle());
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v1", 8}, {"v2", 5}}));
  c.scale(15);
  c.apply(c.look());
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v1", 11}, {"v2", 7}}));
  c.finish();
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v2", 15}}));
}

TEST(Deployments, SayWhenTheyMakeNoProgress) {
  Cluster c(1, kRolling);
  ASSERT_TRUE(c.settle());
  const auto deadline = next_deadline(c.deployment());
  ASSERT_TRUE(deadline);
  c.now += std::chrono::seconds(600);
  ASSERT_TRUE(c.settle());
  EXPECT_EQ(c.reason("Progressing").rfind("True", 0), 0U);
  c.now = *deadline;
  ASSERT_TRUE(c.settle());
  EXPECT_EQ(c.reason("Progressing"), "False ProgressDeadlineExceeded");
  EXPECT_EQ(next_deadline(c.deployment()), std::nullopt);
  c.finish();
  EXPECT_EQ(c.reason("Progressing"), "True NewReplicaSetAvailable");
}

TEST(Deployments, TakeAnotherNameWhenTheirsIsTaken) {
  Cluster c(1, kRolling);
  const auto create = only<Create>(c.look()).at(0);
  c.put("replicasets.apps",
        {{"metadata", {{"name", kube::text_in(create.object, "metadata", "name")}, {"namespace", "ns"}}},
         {"spec", {{"replicas", 0}, {"template", {{"metadata", {{"labels", {{"app", "other"}}}}}}}}}});
  c.apply(c.look());
  EXPECT_EQ(c.deployment().status.collision_count, 1);
  c.apply(c.look());
  EXPECT_EQ(c.sets().size(), 2U);
}

TEST(Deployments, DropPodsThatNeverStartedFirst) {
  Cluster c(4, kRolling);
  c.finish();
  c.image("broken");
  ASSERT_TRUE(c.settle());
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v1", 3}, {"broken", 2}}));
  c.least_available = 3;
  c.image("v3");
  ASSERT_TRUE(c.settle());
  EXPECT_EQ(c.by_image(), (std::map<std::string, int>{{"v1", 3}, {"v3", 2}}));
}

TEST(Limits, RoundSurgeUpAndUnavailableDown) {
  Deployment d;
  d.replicas = 5;
  EXPECT_EQ(limits_of(d).surge, 2);
  EXPECT_EQ(limits_of(d).unavailable, 1);
  d.max_surge = d.max_unavailable = {};
  EXPECT_EQ(limits_of(d).unavailable, 1);
}

TEST(Deployments, ReachTheirTemplateWhateverTheUserDoes) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    Cluster c(static_cast<int>(random() % 9), seed % 4 == 0 ? kRecreate : kRolling);
    std::string image = "v1";
    for (int round = 0; round < 8; ++round) {
      if (random() % 2 == 0) c.image(image = fmt::format("v{}", random() % 5));
      if (random() % 2 == 0) c.scale(static_cast<int>(random() % 9));
      for (unsigned i = random() % 6; i > 0; --i) {
        c.apply(c.look());
        for (const auto& set : c.sets())
          if (random() % 2 == 0) c.apply(c.look_at(set));
        c.start_one();
      }
    }
    c.finish();
    const int wanted = c.deployment().replicas;
    const auto expected =
        wanted == 0 ? std::map<std::string, int>{} : std::map<std::string, int>{{image, wanted}};
    EXPECT_EQ(c.by_image(), expected) << "seed " << seed;
    EXPECT_EQ(c.deployment().status.available, wanted);
    EXPECT_TRUE(c.look().empty());
  }
}

}  // namespace
}  // namespace podwire::control
