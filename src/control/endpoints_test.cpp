#include "control/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "control/world_testing.h"

namespace podwire::control {
namespace {

using kube::Pod;
using testing::pointers;
using testing::World;

kube::Service web() {
  kube::Service service;
  service.meta = {.name = "web", .namespace_ = "ns", .uid = "svc"};
  service.selector = {{"app", "web"}};
  service.families = {Family::v4, Family::v6};
  service.ports = {{.name = "", .port = 80}};
  return service;
}

Pod pod(unsigned n, bool ready = true) {
  Pod pod;
  pod.meta = {.name = fmt::format("p{}", n), .namespace_ = "ns", .uid = fmt::format("u{}", n)};
  pod.meta.labels = {{"app", "web"}};
  pod.status.pod_ips = {IpAddr::from_value(Family::v4, 0x0a000000U + n), IpAddr::from_value(Family::v6, n)};
  pod.status.conditions = {{"Ready", ready ? "True" : "False"}};
  return pod;
}

Actions look(const World& world, const kube::Service& service, const std::vector<Pod>& pods) {
  const auto endpoints = world.all<kube::Endpoints>("endpoints");
  const auto seen = pointers(pods);
  return reconcile_endpoints({service, seen, endpoints.empty() ? nullptr : endpoints.data()});
}

kube::Endpoints endpoints(const World& world) { return world.all<kube::Endpoints>("endpoints").at(0); }

TEST(Endpoints, AreReadyOrNotOfTheFirstFamily) {
  auto ending = pod(3);
  ending.meta.deleted = kube::Time();
  World world;
  world.apply(look(world, web(), {pod(1), pod(2, false), ending}));
  const auto seen = endpoints(world);
  ASSERT_EQ(seen.subsets.size(), 1U);
  ASSERT_EQ(seen.subsets[0].addresses.size(), 1U);
  EXPECT_EQ(seen.subsets[0].addresses[0].ip, "10.0.0.1");
  ASSERT_EQ(seen.subsets[0].not_ready.size(), 1U);
  EXPECT_EQ(seen.subsets[0].not_ready[0].target->name, "p2");
  EXPECT_EQ(seen.subsets[0].ports.at(0).port, 80);
  EXPECT_TRUE(look(world, web(), {ending, pod(2, false), pod(1)}).empty());
}

TEST(Endpoints, AreTruncatedAtAThousandAndSaySo) {
  std::vector<Pod> pods;
  for (unsigned i = 1; i <= 1200; ++i) pods.push_back(pod(i, i > 150));
  World world;
  world.apply(look(world, web(), pods));
  auto seen = endpoints(world);
  EXPECT_EQ(kube::text_of(seen.meta.annotations, kOverCapacityAnnotation), "truncated");
  EXPECT_EQ(seen.subsets.at(0).addresses.size(), 1000U);
  EXPECT_TRUE(seen.subsets.at(0).not_ready.empty());
  pods.resize(500);
  world.apply(look(world, web(), pods));
  seen = endpoints(world);
  EXPECT_EQ(kube::find(seen.meta.annotations, kOverCapacityAnnotation), nullptr);
  EXPECT_EQ(seen.subsets.at(0).addresses.size(), 350U);
  EXPECT_EQ(seen.subsets.at(0).not_ready.size(), 150U);
  EXPECT_TRUE(look(world, web(), pods).empty());
}

TEST(Endpoints, WithoutSelectorBelongToTheUser) {
  World world;
  auto service = web();
  service.selector.clear();
  EXPECT_TRUE(look(world, service, {pod(1)}).empty());
}

TEST(Endpoints, DoNotDependOnTheOrderOfPods) {
  std::vector<Pod> pods;
  for (unsigned i = 1; i <= 30; ++i) pods.push_back(pod(i, i % 3 == 0));
  World world;
  world.apply(look(world, web(), pods));
  std::mt19937 random(1);
  for (int i = 0; i < 20; ++i) {
    std::ranges::shuffle(pods, random);
    EXPECT_TRUE(look(world, web(), pods).empty());
  }
}

}  // namespace
}  // namespace podwire::control
