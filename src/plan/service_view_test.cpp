#include "plan/service_view.h"

#include <gtest/gtest.h>

#include "plan/pool_numbers.h"
#include "plan/service_elements.h"

namespace podwire::plan {
namespace {

IpAddr ip(const char* text) { return IpAddr::parse(text).value(); }

Frontend at(const char* address, std::uint16_t port) {
  return {.address = ip(address), .family = ip(address).family(), .port = port};
}

/// The elements of a Service, by those who write them, and its pools' numbers.
struct Written {
  state::NftElements there;
  std::vector<std::vector<std::uint32_t>> numbers;

  explicit Written(const PlannedService& service) {
    PoolNumbers pool_numbers;
    for (const auto& port : service.ports) {
      numbers.emplace_back();
      for (const auto& pool : port.pools)
        numbers.back().push_back(pool_numbers.take(pool, std::nullopt).value());
    }
    for (auto& [set, element] : elements_of(service, numbers).elements)
      there[set].push_back(std::move(element));
  }
};

TEST(ServiceView, ReadsBackWhatWasWritten) {
  const Frontend node_port{.family = Family::v6, .protocol = 17, .port = 30053};
  auto inside = node_port;
  inside.inside = true;
  PlannedPort port{.name = "shop/dns:udp"};
  port.pools = {{.targets = {{ip("10.244.0.2"), 53}, {ip("10.244.1.2"), 53}}},
                {.family = Family::v6, .source = PoolSource::stays, .targets = {{ip("fd00::2"), 53}}},
                {.family = Family::v6,
                 .source = PoolSource::masquerade,
                 .targets = {{ip("fd00::2"), 53}, {ip("fd00::3"), 53}, {ip("fd00::4"), 53}}}};
  port.frontends = {
      {.at = at("10.96.0.7", 53), .pool = 0}, {.at = node_port, .pool = 1}, {.at = inside, .pool = 2}};
  const Written written({.ports = {port}, .cluster_ips = {ip("10.96.0.7")}});
  const auto seen = service_ports_in(written.there);
  ASSERT_EQ(seen.size(), 1);
  EXPECT_EQ(seen[0].name, "shop/dns:udp");
  const auto& numbers = written.numbers[0];
  ASSERT_EQ(seen[0].pools.size(), 3);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto& pool = seen[0].pools.at(numbers[i]);
    ASSERT_EQ(pool.slots.size(), port.pools[i].targets.size());
    for (const auto& [slot, target] : pool.slots) EXPECT_EQ(target, port.pools[i].targets.at(slot));
    EXPECT_EQ(pool.chain, "lb-" + std::to_string(port.pools[i].targets.size()));
    EXPECT_EQ(pool.masquerades(), port.pools[i].source == PoolSource::masquerade);
    EXPECT_EQ(pool.keeps_source(), port.pools[i].source == PoolSource::stays);
    EXPECT_EQ(pool.affinity_seconds, 0);
  }
  ASSERT_EQ(seen[0].frontends.size(), 3);
  for (const auto& frontend : seen[0].frontends) {
    EXPECT_EQ(frontend.is_cluster_ip, frontend.at.address.has_value());
    const auto planned = std::ranges::find(port.frontends, frontend.at, &PlannedFrontend::at);
    ASSERT_NE(planned, port.frontends.end()) << describe(frontend.at);
    EXPECT_EQ(frontend.pool, numbers.at(*planned->pool));
  }
}

TEST(ServiceView, TellsRefusedFromDropped) {
  PlannedPort port{.name = "a/b"};
  port.frontends = {{.at = at("10.96.0.9", 80)},
                    {.at = at("fd96::9", 80), .otherwise = NoEndpoints::drop},
                    {.at = {.port = 30080}, .otherwise = NoEndpoints::drop}};
  const auto seen = service_ports_in(Written({.ports = {port}}).there);
  ASSERT_EQ(seen.size(), 1);
  ASSERT_EQ(seen[0].frontends.size(), 3);
  for (const auto& frontend : seen[0].frontends) {
    EXPECT_FALSE(frontend.pool);
    EXPECT_FALSE(frontend.is_cluster_ip);
    EXPECT_EQ(frontend.otherwise == NoEndpoints::refuse, frontend.at == at("10.96.0.9", 80));
  }
}

TEST(ServiceView, TellsWhichClientsAreRemembered) {
  PlannedPort port{.name = "a/b"};
  port.pools = {{.targets = {{ip("10.244.0.2"), 80}}, .affinity_seconds = 60},
                {.family = Family::v6, .targets = {{ip("fd00::2"), 80}}, .affinity_seconds = 60}};
  const Written written({.ports = {port}});
  const auto seen = service_ports_in(written.there);
  ASSERT_EQ(seen.size(), 1);
  EXPECT_EQ(seen[0].pools.at(written.numbers[0][0]).affinity_seconds, 60);
  EXPECT_EQ(seen[0].pools.at(written.numbers[0][0]).chain, "lb-1");
  EXPECT_EQ(seen[0].pools.at(written.numbers[0][1]).chain, "hash-1");
}

TEST(ServiceView, PassesOverWhatNobodyCouldHavePlanned) {
  state::NftElements there;
  there["vips4"] = {{.key = state::NftBytes().mark(1), .data = state::NftBytes().mark(2), .comment = "a/b"}};
  there["endpoints4"] = {{.key = state::NftBytes().mark(1), .comment = "a/b"}};
  EXPECT_TRUE(service_ports_in(there).empty());
}

TEST(ServiceView, PodsAreTheClusterCidrsAndNoneStandsForEverybody) {
  state::NftElements there;
  for (auto& [set, element] : elements_of(ProxySite{.pod_cidrs = {Cidr::parse("10.244.0.0/16").value()}}))
    there[set].push_back(std::move(element));
  EXPECT_EQ(pods_in(there), std::vector{Cidr::parse("10.244.0.0/16").value()});
}

}  // namespace
}  // namespace podwire::plan
