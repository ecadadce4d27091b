#include <random>

#include "base/log.h"
#include "control/loops/cluster_testing.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/replica_set.h"

namespace podwire::control::testing {
namespace {

constexpr std::string_view kSet = R"({"metadata":{"name":"web","namespace":"default"},
  "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},
          "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})";

TEST(ReplicaSetLoop, MakesItsPodsOnce) {
  Cluster cluster;
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

/// Whatever fails, and however late events come.
class Chaos {
 public:
  explicit Chaos(unsigned seed) : random_(seed) {
    log::set_level(log::Level::error);
    cluster.api.fault = [this](const http::Call&) -> std::optional<FakeApi::Fault> {
      if (!failing || below(4) != 0) return std::nullopt;
      constexpr FakeApi::Fault kFaults[] = {FakeApi::Fault::refused, FakeApi::Fault::lost,
                                            FakeApi::Fault::unanswered};
      return kFaults[below(3)];
    };
  }

  void step() {
    switch (below(6)) {
      case 0:
        cluster.api.break_watches();
        break;
      case 1:
        cluster.run_pods();
        break;
      case 2:
        cluster.settle(std::chrono::seconds(below(90)));
        break;
      case 3:
        for (const auto& resource : cluster.api.resources_held())
          for (unsigned n = below(5); n > 0; --n) cluster.api.release_one(resource);
        break;
      default:
        for (const auto& resource : cluster.api.resources_held())
          if (below(2) == 0) cluster.api.release_one(resource);
        cluster.poll();
    }
  }

  void calm() {
    failing = false;
    cluster.api.release_all();
    for (int i = 0; i < 20; ++i) {
      cluster.settle(std::chrono::minutes(10));
      cluster.run_pods();
    }
    cluster.settle(std::chrono::minutes(10));
  }

  unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }

  Cluster cluster;
  bool failing = true;

 private:
  std::mt19937 random_;
};

class AnyFaults : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, AnyFaults, ::testing::Range(0U, 40U));

TEST_P(AnyFaults, AReplicaSetHasItsNumberAndNeverMore) {
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

TEST_P(AnyFaults, ADeploymentRollsWithinItsLimits) {
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

}  // namespace
}  // namespace podwire::control::testing
