#include "control/endpoint_slices.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

#include "control/world_testing.h"

namespace podwire::control {
namespace {

using kube::EndpointSlice;
using kube::Pod;
using testing::only;
using testing::pointers;
using testing::World;

kube::Service web() {
  kube::Service service;
  service.meta = {.name = "web", .namespace_ = "ns", .uid = "svc-uid"};
  service.meta.labels = {{"team", "a"}};
  service.selector = {{"app", "web"}};
  service.families = {Family::v4};
  service.ports = {{.name = "http", .port = 80, .target_port = {.number = 8080}}};
  return service;
}

Pod pod(int n, bool ready = true) {
  Pod pod;
  pod.meta = {.name = fmt::format("p{}", n), .namespace_ = "ns", .uid = fmt::format("u{}", n)};
  pod.meta.labels = {{"app", "web"}};
  pod.spec.node_name = "n1";
  pod.status.phase = "Running";
  pod.status.pod_ips = {IpAddr::from_value(Family::v4, 0x0a000000U + static_cast<unsigned>(n)),
                        IpAddr::from_value(Family::v6, (u128(0xfd) << 120) + static_cast<unsigned>(n))};
  pod.status.conditions = {{"Ready", ready ? "True" : "False"}};
  return pod;
}

std::vector<Pod> pods(int count) {
  std::vector<Pod> out;
  for (int i = 1; i <= count; ++i) out.push_back(pod(i));
  return out;
}

Actions look(const World& world, const kube::Service& service, const std::vector<Pod>& pods) {
  const auto slices = world.all<EndpointSlice>("endpointslices.discovery.k8s.io");
  const auto pod_pointers = pointers(pods);
  const auto slice_pointers = pointers(slices);
  return reconcile_endpoint_slices({.service = service,
                                    .pods = pod_pointers,
                                    .slices = slice_pointers,
                                    .zone_of_node = [](const std::string& node) { return "zone-of-" + node; },
                                    .trigger = std::nullopt});
}

std::vector<EndpointSlice> slices(const World& world) {
  return world.all<EndpointSlice>("endpointslices.discovery.k8s.io");
}

std::set<std::string> addresses(const World& world) {
  std::set<std::string> found;
  for (const auto& slice : slices(world))
    for (const auto& endpoint : slice.endpoints) EXPECT_TRUE(found.insert(endpoint.addresses.at(0)).second);
  return found;
}

TEST(EndpointSlices, SayWhereThePodIs) {
  World world;
  world.apply(look(world, web(), {pod(1)}));
  ASSERT_EQ(slices(world).size(), 1U);
  const auto slice = slices(world)[0];
  EXPECT_EQ(slice.meta.name.rfind("web-", 0), 0U);
  EXPECT_EQ(slice.meta.labels, (kube::TextMap{{std::string(kManagedByLabel), std::string(kSliceController)},
                                              {std::string(kServiceNameLabel), "web"},
                                              {"team", "a"}}));
  EXPECT_EQ(slice.address_type, "IPv4");
  ASSERT_EQ(slice.meta.owners.size(), 1U);
  EXPECT_EQ(slice.meta.owners[0], (kube::OwnerReference{"v1", "Service", "web", "svc-uid", true, true}));
  EXPECT_EQ(slice.ports, (std::vector<kube::EndpointPort>{{"http", "TCP", "", 8080}}));
  const kube::Endpoint expected{.addresses = {"10.0.0.1"},
                                .ready = true,
                                .serving = true,
                                .terminating = false,
                                .hostname = "",
                                .node_name = "n1",
                                .zone = "zone-of-n1",
                                .target = kube::TargetRef{"Pod", "ns", "p1", "u1"}};
  EXPECT_EQ(slice.endpoints, std::vector{expected});
  EXPECT_TRUE(look(world, web(), {pod(1)}).empty());
}

TEST(EndpointSlices, TellReadyServingAndTerminatingApart) {
  auto ending = pod(3);
  ending.meta.deleted = kube::Time();
  World world;
  world.apply(look(world, web(), {pod(1), pod(2, false), ending}));
  const auto endpoints = slices(world).at(0).endpoints;
  const auto flags = [](const kube::Endpoint& e) { return std::tuple(e.ready, e.serving, e.terminating); };
  EXPECT_EQ(flags(endpoints.at(0)), std::tuple(true, true, false));
  EXPECT_EQ(flags(endpoints.at(1)), std::tuple(false, false, false));
  EXPECT_EQ(flags(endpoints.at(2)), std::tuple(false, true, true));

  auto service = web();
  service.publish_not_ready = true;
  world.apply(look(world, service, {pod(1), pod(2, false), ending}));
  const auto published = slices(world).at(0);
  for (const auto& endpoint : published.endpoints) EXPECT_TRUE(endpoint.ready);
}

TEST(EndpointSlices, LeaveOutPodsThatCannotServe) {
  auto finished = pod(1), unborn = pod(2), other = pod(3);
  finished.status.phase = "Succeeded";
  unborn.status.pod_ips.clear();
  other.meta.labels = {{"app", "db"}};
  World world;
  world.apply(look(world, web(), {finished, unborn, other}));
  ASSERT_EQ(slices(world).size(), 1U) << "an empty slice shows that the Service was looked at";
  EXPECT_TRUE(slices(world)[0].endpoints.empty());
  EXPECT_TRUE(slices(world)[0].ports.empty());
  EXPECT_TRUE(look(world, web(), {finished, unborn, other}).empty());
}

TEST(EndpointSlices, AreOfOneFamilyEach) {
  auto service = web();
  service.families = {Family::v6, Family::v4};
  World world;
  world.apply(look(world, service, pods(2)));
  std::map<std::string, std::string> first;
  for (const auto& slice : slices(world)) first[slice.address_type] = slice.endpoints.at(0).addresses.at(0);
  EXPECT_EQ(first, (std::map<std::string, std::string>{{"IPv4", "10.0.0.1"}, {"IPv6", "fd00::1"}}));
}

TEST(EndpointSlices, HaveTheNumbersThatNamesMeanOnEachPod) {
  auto service = web();
  service.ports[0].target_port = {.number = 0, .text = "http"};
  auto a = pod(1), b = pod(2), without = pod(3);
  a.spec.containers = {{.name = "c", .ports = {{.name = "http", .container_port = 80}}}};
  b.spec.containers = {{.name = "c", .ports = {{.name = "http", .container_port = 8080}}}};
  World world;
  world.apply(look(world, service, {a, b, without}));
  std::map<int, std::string> by_port;
  for (const auto& slice : slices(world))
    by_port[slice.ports.empty() ? 0 : *slice.ports[0].port] = slice.endpoints.at(0).addresses.at(0);
  EXPECT_EQ(by_port, (std::map<int, std::string>{{0, "10.0.0.3"}, {80, "10.0.0.1"}, {8080, "10.0.0.2"}}));
}

TEST(EndpointSlices, OfHeadlessServicesSaySo) {
  auto service = web();
  service.headless = true;
  service.ports.clear();
  auto named = pod(1);
  named.spec.hostname = "db-0";
  named.spec.subdomain = "web";
  World world;
  world.apply(look(world, service, {named}));
  const auto slice = slices(world).at(0);
  EXPECT_NE(kube::find(slice.meta.labels, kHeadlessLabel), nullptr);
  EXPECT_EQ(slice.endpoints.at(0).hostname, "db-0");
  service.headless = false;
  world.apply(look(world, service, {named}));
  EXPECT_EQ(kube::find(slices(world).at(0).meta.labels, kHeadlessLabel), nullptr);
}

TEST(EndpointSlices, HoldAHundredEach) {
  World world;
  world.apply(look(world, web(), pods(250)));
  std::multiset<std::size_t> sizes;
  for (const auto& slice : slices(world)) sizes.insert(slice.endpoints.size());
  EXPECT_EQ(sizes, (std::multiset<std::size_t>{50, 100, 100}));
  EXPECT_EQ(addresses(world).size(), 250U);
}

TEST(EndpointSlices, ChangeOneSliceForOnePod) {
  World world;
  auto many = pods(250);
  world.apply(look(world, web(), many));
  many.push_back(pod(251));
  EXPECT_EQ(look(world, web(), many).size(), 1U);
  world.apply(look(world, web(), many));
  many[5].status.conditions[0].status = "False";
  EXPECT_EQ(only<Patch>(look(world, web(), many)).size(), 1U);
  many.erase(many.begin() + 7);
  world.apply(look(world, web(), many));
  EXPECT_EQ(addresses(world).size(), 250U);
  EXPECT_TRUE(look(world, web(), many).empty());
}

TEST(EndpointSlices, GoWhenTheyAreEmptyAndAreUsedAgain) {
  World world;
  world.apply(look(world, web(), pods(150)));
  world.apply(look(world, web(), pods(1)));
  EXPECT_EQ(slices(world).size(), 1U);
  const auto name = slices(world)[0].meta.name;
  auto service = web();
  service.ports[0].target_port.number = 9090;
  world.apply(look(world, service, pods(1)));
  ASSERT_EQ(slices(world).size(), 1U);
  EXPECT_EQ(slices(world)[0].meta.name, name) << "a slice whose ports are no longer wanted gets new ones";
  EXPECT_EQ(slices(world)[0].ports.at(0).port, 9090);
}

TEST(EndpointSlices, OfOthersAreLeftAlone) {
  World world;
  world.put("endpointslices.discovery.k8s.io",
            {{"metadata",
              {{"name", "mine"},
               {"namespace", "ns"},
               {"labels", {{kManagedByLabel, "me"}, {kServiceNameLabel, "web"}}}}},
             {"addressType", "IPv4"},
             {"endpoints", json::array()}});
  auto service = web();
  service.selector.clear();
  EXPECT_TRUE(look(world, service, pods(1)).empty());
  world.apply(look(world, web(), pods(1)));
  EXPECT_EQ(slices(world).size(), 2U);
  auto external = web();
  external.type = "ExternalName";
  world.apply(look(world, external, pods(1)));
  ASSERT_EQ(slices(world).size(), 1U);
  EXPECT_EQ(slices(world)[0].meta.name, "mine");
}

TEST(EndpointSlices, CarryTheTimeOfWhatTriggeredThem) {
  World world;
  const auto one = pods(1);
  const auto seen = pointers(one);
  const auto service = web();
  world.apply(reconcile_endpoint_slices({service, seen, {}, {}, world.now}));
  EXPECT_EQ(kube::text_of(slices(world).at(0).meta.annotations, kTriggerTimeAnnotation),
            "2026-01-01T00:00:00.000000Z");
}

TEST(EndpointSlices, ReachAFixedPointFromAnyChangesInAnyOrder) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    World world;
    std::vector<Pod> there;
    int next = 1;
    for (int round = 0; round < 15; ++round) {
      for (int i = static_cast<int>(random() % 120); i > 0; --i)
        there.push_back(pod(next++, random() % 4 != 0));
      std::ranges::shuffle(there, random);
      there.resize(there.size() - random() % (there.size() + 1) / 2);
      world.apply(look(world, web(), there));
      std::ranges::shuffle(there, random);
      EXPECT_TRUE(look(world, web(), there).empty()) << "seed " << seed << " round " << round;
      std::set<std::string> wanted;
      for (const auto& p : there) wanted.insert(p.status.pod_ips[0].str());
      EXPECT_EQ(addresses(world), wanted);
      for (const auto& slice : slices(world)) EXPECT_LE(slice.endpoints.size(), kMaxEndpointsPerSlice);
    }
  }
}

}  // namespace
}  // namespace podwire::control
