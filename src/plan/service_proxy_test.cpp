#include "plan/service_proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/service_testing.h"

namespace podwire::plan {
namespace {

using testing::cidr;
using ::testing::ElementsAre;
using testing::ip;
using testing::on_node;
using testing::planned;
using testing::service;
using testing::shown;
using testing::slice;

const std::vector<kube::EndpointSlice> kBoth{slice("web", {"10.244.1.2@node1", "10.244.2.2@node2"})};
const std::vector<kube::EndpointSlice> kElsewhere{slice("web", {"10.244.2.2@node2"})};

TEST(ServiceProxy, ClusterIp) {
  EXPECT_EQ(shown(planned(service("web", {"10.96.0.7"}), kBoth)),
            "10.96.0.7:80/tcp -> 10.244.1.2:8080 10.244.2.2:8080 (pods stay)\n");
  EXPECT_THAT(planned(service("web", {"10.96.0.7"}), kBoth).ports[0].hairpins, ElementsAre(ip("10.244.1.2")));
}

TEST(ServiceProxy, BothFamilies) {
  auto slices = kBoth;
  slices.push_back(slice("web", {"fd00:1::2@node1"}));
  EXPECT_EQ(shown(planned(service("web", {"10.96.0.7", "fd00:96::7"}), slices)),
            "10.96.0.7:80/tcp -> 10.244.1.2:8080 10.244.2.2:8080 (pods stay)\n"
            "[fd00:96::7]:80/tcp -> fd00:1::2:8080 (pods stay)\n");
}

TEST(ServiceProxy, WhatIsNotOurs) {
  auto headless = service("web", {});
  headless.headless = true;
  EXPECT_EQ(planned(headless, kBoth), PlannedService());
  auto external = service("web", {});
  external.type = "ExternalName";
  EXPECT_EQ(planned(external, kBoth), PlannedService());
  for (const auto* label : {"service.kubernetes.io/service-proxy-name", "service.kubernetes.io/headless"}) {
    auto others = service("web", {"10.96.0.7"});
    kube::set(others.meta.labels, label, "x");
    EXPECT_EQ(planned(others, kBoth), PlannedService()) << label;
  }
}

TEST(ServiceProxy, NoEndpointsAreARefusal) {
  auto all = service("web", {"10.96.0.7"});
  all.ports[0].node_port = 30080;
  EXPECT_EQ(shown(planned(all, {})), "10.96.0.7:80/tcp -> refuse\n*:30080/tcp -> refuse\n");
}

TEST(ServiceProxy, NodePort) {
  auto web = service("web", {"10.96.0.7"});
  web.type = "NodePort";
  web.ports[0].node_port = 30080;
  EXPECT_EQ(shown(planned(web, kElsewhere)),
            "10.96.0.7:80/tcp -> 10.244.2.2:8080 (pods stay)\n*:30080/tcp -> 10.244.2.2:8080 (masquerade)\n");
}

TEST(ServiceProxy, ExternalPolicyLocalKeepsTheSourceAndSparesPodsAndTheNode) {
  auto web = service("web", {"10.96.0.7"});
  web.type = "LoadBalancer";
  web.external_traffic_policy = "Local";
  web.ports[0].node_port = 30080;
  web.load_balancer_ips = {ip("192.0.2.7")};
  web.health_check_node_port = 32000;
  EXPECT_EQ(shown(planned(web, kBoth)),
            "10.96.0.7:80/tcp -> 10.244.1.2:8080 10.244.2.2:8080 (pods stay)\n"
            "192.0.2.7:80/tcp -> 10.244.1.2:8080 (stays)\n"
            "192.0.2.7:80/tcp inside -> 10.244.1.2:8080 10.244.2.2:8080 (pods stay)\n"
            "*:30080/tcp -> 10.244.1.2:8080 (stays)\n"
            "*:30080/tcp inside -> 10.244.1.2:8080 10.244.2.2:8080 (pods stay)\n");
  EXPECT_EQ(planned(web, kBoth).health_check, (HealthCheck{32000, 1}));
  EXPECT_EQ(shown(planned(web, kElsewhere)),
            "10.96.0.7:80/tcp -> 10.244.2.2:8080 (pods stay)\n"
            "192.0.2.7:80/tcp -> drop\n"
            "192.0.2.7:80/tcp inside -> 10.244.2.2:8080 (pods stay)\n"
            "*:30080/tcp -> drop\n"
            "*:30080/tcp inside -> 10.244.2.2:8080 (pods stay)\n");
  EXPECT_EQ(planned(web, kElsewhere).health_check, (HealthCheck{32000, 0}));
}

TEST(ServiceProxy, InternalPolicyLocal) {
  auto web = service("web", {"10.96.0.7"});
  web.internal_traffic_policy = "Local";
  EXPECT_EQ(shown(planned(web, kBoth)), "10.96.0.7:80/tcp -> 10.244.1.2:8080 (pods stay)\n");
  EXPECT_EQ(shown(planned(web, kElsewhere)), "10.96.0.7:80/tcp -> drop\n") << "others have some";
  EXPECT_EQ(shown(planned(web, {})), "10.96.0.7:80/tcp -> refuse\n") << "nobody has any";
}

TEST(ServiceProxy, ExternalIpsCanBeSwitchedOff) {
  auto web = service("web", {"10.96.0.7"});
  web.external_ips = {ip("198.51.100.4"), ip("2001:db8::4")};
  EXPECT_EQ(shown(planned(web, kElsewhere)),
            "10.96.0.7:80/tcp -> 10.244.2.2:8080 (pods stay)\n198.51.100.4:80/tcp -> 10.244.2.2:8080 "
            "(masquerade)\n");
  auto options = on_node("node1");
  options.external_ips = false;
  EXPECT_EQ(shown(planned(web, kElsewhere, options)), "10.96.0.7:80/tcp -> 10.244.2.2:8080 (pods stay)\n");
}

TEST(ServiceProxy, SourceRangesGuardTheBalancersAddressAlone) {
  auto web = service("web", {"10.96.0.7"});
  web.type = "LoadBalancer";
  web.load_balancer_ips = {ip("192.0.2.7")};
  web.source_ranges = {cidr("203.0.113.0/24"), cidr("2001:db8::/32")};
  auto guarded = planned(web, kBoth).guarded;
  ASSERT_EQ(guarded.size(), 1U);
  EXPECT_EQ(describe(guarded[0].at), "192.0.2.7:80/tcp");
  EXPECT_THAT(guarded[0].admitted, ElementsAre(cidr("203.0.113.0/24")));
  web.source_ranges = {cidr("10.89.0.0/24")};
  EXPECT_THAT(planned(web, kBoth).guarded[0].admitted,
              ElementsAre(cidr("10.89.0.0/24"), cidr("192.0.2.7/32")))
      << "the node is admitted, and comes under the balancer's address";
  web.source_ranges = {cidr("10.89.0.0/24"), cidr("0.0.0.0/0"), cidr("10.0.0.0/8")};
  EXPECT_THAT(planned(web, kBoth).guarded[0].admitted, ElementsAre(cidr("0.0.0.0/0")))
      << "the others lie in it";
}

TEST(ServiceProxy, AffinityIsThePools) {
  auto web = service("web", {"10.96.0.7"});
  web.affinity_seconds = 600;
  EXPECT_EQ(planned(web, kBoth).ports[0].pools[0].affinity_seconds, 600U);
}

TEST(ServiceProxy, BadPortsAreSaidAndTheOthersServed) {
  auto web = service("web", {"10.96.0.7"});
  web.ports.push_back(web.ports[0]);
  web.ports.push_back({.name = "odd", .protocol = "ICMP", .port = 7});
  web.ports.push_back({.name = "dns", .protocol = "UDP", .port = 80});
  const auto plan = planned(web, kBoth);
  EXPECT_THAT(plan.problems, ElementsAre("port 80/TCP of default/web is there twice",
                                         "port odd of default/web: 7/ICMP is no port"));
  EXPECT_EQ(plan.ports.size(), 2U) << "the same number of another protocol is another port";
  EXPECT_EQ(plan.ports[1].name, "default/web:dns");
}

}  // namespace
}  // namespace podwire::plan
