#include <fmt/format.h>

#include "control/loops/chaos_testing.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/replica_set.h"

namespace podwire::control::testing {
namespace {

constexpr std::string_view kSet = R"({"metadata":{"name":"web","namespace":"default"},
  "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},
          "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})";

TEST(ReplicaSetLoop, MakesItsPodsOnce) {
  Cluster cluster({.disabled = {"default-scheduler"}});
  cluster.create("replicasets.apps", kSet);
  cluster.settle();
  EXPECT_EQ(cluster.api.all("pods").size(), 3U);
  const auto sets = cluster.api.typed<kube::ReplicaSet>("replicasets.apps");
  EXPECT_EQ(sets.at(0).status.replicas, 3);
  const auto writes = cluster.api.writes;
  EXPECT_EQ(writes, 5) << "three pods, and the status before and after";
  cluster.settle(std::chrono::hours(1));
  EXPECT_EQ(cluster.api.writes, writes) << "nothing is left to do";
}

TEST(ReplicaSetLoop, WaitsForItsOwnWritesToBeSeen) {
  Cluster cluster;
  cluster.settle();
  cluster.api.hold_watches();
  cluster.create("replicasets.apps", kSet);
  cluster.api.release_one("replicasets.apps");
  cluster.settle();
  ASSERT_EQ(cluster.api.all("pods").size(), 3U);
  cluster.api.change("replicasets.apps", "default", "web",
                     [](json::object& set) { set["metadata"].get_object()["labels"] = {{"a", "b"}}; });
  while (cluster.api.release_one("replicasets.apps")) cluster.settle(std::chrono::minutes(10));
  EXPECT_EQ(cluster.api.all("pods").size(), 3U) << "it has not seen its pods, and must not make others";
  cluster.api.release_all();
  cluster.settle();
  EXPECT_EQ(cluster.api.all("pods").size(), 3U);
}

using Workloads = AnyFaults;
INSTANTIATE_TEST_SUITE_P(Seeds, Workloads, ::testing::Range(0U, 40U));

TEST_P(Workloads, AReplicaSetHasItsNumberAndNeverMore) {
  Chaos chaos(GetParam());
  auto& api = chaos.cluster.api;
  std::size_t wanted = 3, most = 0;
  api.written = [&](const http::Call&, const std::string&) { most = std::max(most, api.all("pods").size()); };
  chaos.cluster.settle();
  api.hold_watches();
  chaos.cluster.create("replicasets.apps", kSet);
  for (int i = 0; i < 200; ++i) chaos.step();
  EXPECT_LE(most, wanted);
  chaos.calm();
  EXPECT_EQ(api.all("pods").size(), wanted);
  EXPECT_EQ(api.typed<kube::ReplicaSet>("replicasets.apps").at(0).status.ready, 3);
}

TEST_P(Workloads, ADeploymentRollsWithinItsLimits) {
  Chaos chaos(GetParam());
  auto& api = chaos.cluster.api;
  int most = 0;  // asked of all sets together: how soon they have it is not the Deployment's
  api.written = [&](const http::Call&, const std::string&) {
    int asked = 0;
    for (const auto& set : api.typed<kube::ReplicaSet>("replicasets.apps")) asked += set.replicas;
    most = std::max(most, asked);
  };
  chaos.cluster.settle();
  chaos.cluster.create("deployments.apps", R"({"metadata":{"name":"web","namespace":"default"},
    "spec":{"replicas":4,"selector":{"matchLabels":{"app":"web"}},
            "strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":1}},
            "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  api.hold_watches();
  for (int i = 0; i < 200; ++i) {
    if (i == 100)
      api.change("deployments.apps", "default", "web", [](json::object& deployment) {
        auto& pod = deployment["spec"].get_object()["template"].get_object()["spec"].get_object();
        pod["containers"] = json::parse(R"([{"name":"c","image":"other"}])");
      });
    chaos.step();
  }
  EXPECT_LE(most, 5);
  chaos.calm();
  const auto pods = api.all("pods");
  EXPECT_EQ(pods.size(), 4U);
  for (const auto* pod : pods)
    EXPECT_EQ(kube::array_in(*pod, "spec", "containers")->at(0).at("image").as_string(), "other");
  EXPECT_LE(api.all("replicasets.apps").size(), 2U);
}

TEST(EndpointSliceLoop, FollowsPodsAndServices) {
  Cluster cluster;
  cluster.create("services", R"({"metadata":{"name":"web","namespace":"default"},
    "spec":{"selector":{"app":"web"},"ipFamilies":["IPv4"],"ports":[{"port":80}]}})");
  cluster.create("replicasets.apps", kSet);
  cluster.settle();
  cluster.run_pods();
  cluster.settle();
  auto slices = cluster.api.typed<kube::EndpointSlice>("endpointslices.discovery.k8s.io");
  ASSERT_EQ(slices.size(), 1U);
  EXPECT_EQ(slices[0].endpoints.size(), 3U);
  ASSERT_EQ(cluster.api.all("endpoints").size(), 1U);
  cluster.api.change("replicasets.apps", "default", "web",
                     [](json::object& set) { set["spec"].get_object()["replicas"] = 1; });
  cluster.settle();
  slices = cluster.api.typed<kube::EndpointSlice>("endpointslices.discovery.k8s.io");
  EXPECT_EQ(slices.at(0).endpoints.size(), 1U);
  cluster.api.erase("services", "default", "web");
  cluster.settle();
  EXPECT_EQ(cluster.api.all("endpoints").size(), 0U);
  EXPECT_EQ(cluster.api.all("endpointslices.discovery.k8s.io").size(), 0U) << "the garbage collector's";
}

TEST(GarbageLoop, TakesWhatADeletedDeploymentLeaves) {
  Cluster cluster;
  cluster.create("deployments.apps", R"({"metadata":{"name":"web","namespace":"default"},
    "spec":{"replicas":4,"selector":{"matchLabels":{"app":"web"}},
            "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  cluster.settle();
  ASSERT_EQ(cluster.api.all("pods").size(), 4U);
  cluster.api.erase("deployments.apps", "default", "web");
  cluster.settle();
  EXPECT_EQ(cluster.api.all("replicasets.apps").size(), 0U);
  EXPECT_EQ(cluster.api.all("pods").size(), 0U);
}

TEST(GarbageLoop, WhatIsRefusedIsTriedEverMoreSeldom) {
  Cluster cluster;
  cluster.create("configmaps", R"({"metadata":{"name":"left","namespace":"default","ownerReferences":[
      {"apiVersion":"v1","kind":"ConfigMap","name":"nobody","uid":"uid-of-nobody"}]}})");
  cluster.api.fault = [](const http::Call&) { return FakeApi::Fault::refused; };
  cluster.settle(std::chrono::seconds(1));
  EXPECT_GT(cluster.api.writes, 3);
  EXPECT_LT(cluster.api.writes, 12);  // 5 ms, 10, 20... after each other
  cluster.api.fault = nullptr;
  cluster.settle(std::chrono::minutes(1));
  EXPECT_TRUE(cluster.api.all("configmaps").empty());
}

TEST(GarbageLoop, AsksBeforeItCallsAnOwnerGone) {
  Cluster cluster;
  const auto owner = cluster.create("configmaps", R"({"metadata":{"name":"owner","namespace":"default"}})");
  cluster.settle();
  cluster.api.hold_watches();
  const auto late = cluster.create("configmaps", R"({"metadata":{"name":"late","namespace":"default"}})");
  const auto owned = [&](std::string_view name, std::string_view uid, std::string_view of) {
    cluster.create("secrets",
                   fmt::format(R"({{"metadata":{{"name":"{}","namespace":"default","ownerReferences":[
      {{"apiVersion":"v1","kind":"ConfigMap","name":"{}","uid":"{}"}}]}}}})",
                               name, of, uid));
  };
  owned("of-late", kube::text_in(late, "metadata", "uid"), "late");
  owned("of-nobody", "uid-of-nobody", "owner");
  while (cluster.api.release_one("secrets")) {
  }
  cluster.settle();
  EXPECT_NE(cluster.api.find("secrets", "default", "of-late"), nullptr);
  EXPECT_EQ(cluster.api.find("secrets", "default", "of-nobody"), nullptr);
}

TEST(NamespaceLoop, EmptiesANamespaceEvenOfEvents) {
  Cluster cluster;
  cluster.create("namespaces", R"({"metadata":{"name":"old"},"spec":{"finalizers":["kubernetes"]}})");
  cluster.create("configmaps", R"({"metadata":{"name":"a","namespace":"old"}})");
  cluster.create("events", R"({"metadata":{"name":"b","namespace":"old"}})");
  cluster.create("configmaps", R"({"metadata":{"name":"a","namespace":"other"}})");
  cluster.settle();
  cluster.api.change("namespaces", "", "old", [&](json::object& ns) {
    ns["metadata"].get_object()["deletionTimestamp"] = kube::time_text(cluster.now());
  });
  cluster.settle();
  EXPECT_EQ(cluster.api.find("namespaces", "", "old"), nullptr);
  EXPECT_EQ(cluster.api.all("events").size(), 0U);
  EXPECT_EQ(cluster.api.all("configmaps").size(), 1U);
}

}  // namespace
}  // namespace podwire::control::testing
