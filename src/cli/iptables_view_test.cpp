#include "cli/iptables_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podwire::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

IpAddr ip(const char* text) { return IpAddr::parse(text).value(); }

// The first is what kube-proxy calls it today; the second is in the talk's own command list, of a version
// that put a colon behind the name of a port without a name.
TEST(IptablesView, ChainsHaveKubeProxysNames) {
  EXPECT_EQ(service_chain("default/hello-kubernetes", "tcp"), "KUBE-SVC-XM7DIBVJQPJ3TSDT");
  EXPECT_EQ(service_chain("default/hello-kubernetes:", "tcp"), "KUBE-SVC-HSXJWNVOHR2BCTLA");
}

TEST(IptablesView, AServiceWithThreeEndpoints) {
  plan::SeenPort port{.name = "default/hello-kubernetes"};
  // In the order of the view: node ports first.
  port.frontends.push_back({.at = {.port = 30080}, .pool = 0x80300001});
  port.frontends.push_back(
      {.at = {.address = ip("10.96.0.7"), .port = 80}, .pool = 0x00300001, .is_cluster_ip = true});
  for (const std::uint32_t number : {0x00300001U, 0x80300001U}) {
    auto& pool = port.pools[number];
    pool.number = number;
    pool.slots = {
        {0, {ip("10.244.0.2"), 8080}}, {1, {ip("10.244.1.2"), 8080}}, {2, {ip("10.244.2.2"), 8080}}};
  }
  const std::vector<Cidr> pods{Cidr::parse("10.244.0.0/16").value()};
  const std::vector<plan::SeenPort> ports{port};
  const auto text = iptables_view(ports, pods, Family::v4);
  EXPECT_THAT(
      text,
      HasSubstr("-A KUBE-SERVICES -d 10.96.0.7/32 -p tcp -m comment --comment \"default/hello-kubernetes "
                "cluster IP\" -m tcp --dport 80 -j KUBE-SVC-XM7DIBVJQPJ3TSDT\n"));
  EXPECT_THAT(text, HasSubstr("-A KUBE-SVC-XM7DIBVJQPJ3TSDT ! -s 10.244.0.0/16 -d 10.96.0.7/32 -p tcp"));
  EXPECT_THAT(
      text,
      HasSubstr("-> 10.244.0.2:8080\" -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-"));
  EXPECT_THAT(
      text,
      HasSubstr("-> 10.244.1.2:8080\" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-"));
  EXPECT_THAT(text, HasSubstr("-> 10.244.2.2:8080\" -j KUBE-SEP-"));
  EXPECT_THAT(text, HasSubstr("-j DNAT --to-destination 10.244.2.2:8080\n"));
  EXPECT_THAT(
      text,
      HasSubstr("-A KUBE-NODEPORTS -p tcp -m comment --comment \"default/hello-kubernetes\" -m tcp --dport "
                "30080 -j KUBE-EXT-XM7DIBVJQPJ3TSDT\n"));
  EXPECT_THAT(text, HasSubstr("external destinations\" -j KUBE-MARK-MASQ\n-A KUBE-EXT-XM7DIBVJQPJ3TSDT -j "
                              "KUBE-SVC-XM7DIBVJQPJ3TSDT\n"));
  EXPECT_THAT(iptables_view(ports, pods, Family::v6), Not(HasSubstr("KUBE-SVC")));
}

TEST(IptablesView, ThePolicyLocalHasAChainOfItsOwn) {
  plan::SeenPort port{.name = "a/b:x"};
  port.frontends = {
      {.at = {.port = 30080}, .pool = 0x40100001},
      {.at = {.address = ip("10.96.0.7"), .port = 80}, .pool = 0x00200001, .is_cluster_ip = true}};
  port.pools[0x40100001] = {.number = 0x40100001, .slots = {{0, {ip("10.244.0.2"), 8080}}}};
  port.pools[0x00200001] = {.number = 0x00200001,
                            .slots = {{0, {ip("10.244.0.2"), 8080}}, {1, {ip("10.244.1.2"), 8080}}}};
  const auto hash = service_chain("a/b:x", "tcp").substr(9);
  const auto text = iptables_view(std::vector{port}, {}, Family::v4);
  EXPECT_THAT(text, HasSubstr("-A KUBE-EXT-" + hash + " -j KUBE-SVL-" + hash + "\n"));
  EXPECT_THAT(text,
              HasSubstr("-A KUBE-SVL-" + hash + " -m comment --comment \"a/b:x -> 10.244.0.2:8080\" -j " +
                        endpoint_chain("a/b:x", "tcp", "10.244.0.2:8080") + "\n"));
  EXPECT_THAT(text, HasSubstr("-A KUBE-SVC-" + hash +
                              " -m comment --comment \"a/b:x -> 10.244.0.2:8080\" -m statistic --mode random "
                              "--probability 0.50000000000 -j"));
}

TEST(IptablesView, ClientsAreRemembered) {
  plan::SeenPort port{.name = "a/b"};
  port.frontends = {
      {.at = {.address = ip("10.96.0.7"), .port = 80}, .pool = 0x3ff00001, .is_cluster_ip = true}};
  port.pools[0x3ff00001] = {.number = 0x3ff00001,
                            .slots = {{0, {ip("10.244.0.2"), 8080}}},
                            .chain = "lb-1",
                            .affinity_seconds = 60};
  const auto text = iptables_view(std::vector{port}, {}, Family::v4);
  const auto endpoint = endpoint_chain("a/b", "tcp", "10.244.0.2:8080");
  EXPECT_THAT(text, HasSubstr("-m recent --rcheck --seconds 60 --reap --name " + endpoint +
                              " --mask 255.255.255.255 --rsource -j " + endpoint + "\n"));
  EXPECT_THAT(text, HasSubstr("-m recent --set --name " + endpoint +
                              " --mask 255.255.255.255 --rsource -m tcp -j DNAT --to-destination "
                              "10.244.0.2:8080\n"));
}

TEST(IptablesView, WhatHasNoEndpointsIsRefusedInTableFilter) {
  plan::SeenPort port{.name = "a/b"};
  port.frontends = {
      {.at = {.address = ip("fd96::9"), .family = Family::v6, .port = 80}, .is_cluster_ip = true}};
  EXPECT_THAT(
      iptables_view(std::vector{port}, {}, Family::v6),
      HasSubstr("# table filter\n-A KUBE-SERVICES -d fd96::9/128 -p tcp -m comment --comment \"a/b has no "
                "endpoints\" -m tcp --dport 80 -j REJECT --reject-with icmp6-port-unreachable\n"));
}

}  // namespace
}  // namespace podwire::cli
