#include "plan/service_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "plan/service_testing.h"
#include "plan/service_view.h"

namespace podwire::plan {
namespace {

using ::testing::ElementsAre;
using testing::ip;
using ::testing::IsEmpty;
using testing::planned;
using testing::service;
using ::testing::SizeIs;
using testing::slice;

Claimant who(const std::string& name, std::int64_t created = 1) { return {created, "default/" + name}; }

std::size_t count(const std::map<std::string, std::vector<state::NftElement>>& elements) {
  std::size_t out = 0;
  for (const auto& [set, list] : elements) out += list.size();
  return out;
}

/// Where frontends lead by way of the maps, without the pools' numbers: which depend on what came before.
std::set<std::string> ways(const state::NftElements& elements) {
  std::set<std::string> out;
  for (const auto& port : service_ports_in(elements))
    for (const auto& frontend : port.frontends) {
      auto way = port.name + " " + describe(frontend.at) + (frontend.at.inside ? " inside" : "") + " ->";
      if (!frontend.pool)
        way += frontend.otherwise == NoEndpoints::drop ? " drop" : " refuse";
      else
        for (const auto& [slot, target] : port.pools.at(*frontend.pool).slots)
          way += " " + target.address.str() + ":" + std::to_string(target.port);
      out.insert(way + (frontend.pool ? " by " + port.pools.at(*frontend.pool).chain : ""));
    }
  return out;
}

TEST(ServiceTables, AChangeTouchesWhatItIsAbout) {
  ServiceTables tables;
  tables.set(who("a"), planned(service("a", {"10.96.0.1"}), {slice("a", {"10.244.0.2", "10.244.0.3"})}));
  tables.set(who("b"), planned(service("b", {"10.96.0.2"}), {slice("b", {"10.244.0.4", "10.244.0.5"})}));
  auto change = tables.take_change();
  EXPECT_THAT(change.remove, IsEmpty());
  EXPECT_THAT(change.add["vips4"], SizeIs(2));
  EXPECT_THAT(change.add["endpoints4"], SizeIs(4));
  EXPECT_THAT(change.add["classes"], SizeIs(1)) << "both have two endpoints";
  EXPECT_THAT(change.chains, ElementsAre("lb-2"));
  EXPECT_TRUE(tables.take_change().empty());

  tables.set(who("a"), planned(service("a", {"10.96.0.1"}), {slice("a", {"10.244.0.2", "10.244.0.9"})}));
  change = tables.take_change();
  EXPECT_EQ(count(change.remove), 1U) << "one endpoint for another";
  EXPECT_EQ(count(change.add), 1U);
  tables.set(who("a"), planned(service("a", {"10.96.0.1"}), {slice("a", {"10.244.0.2", "10.244.0.9"})}));
  EXPECT_TRUE(tables.take_change().empty()) << "nothing has changed";
}

TEST(ServiceTables, AnotherNumberOfEndpointsIsAnotherClass) {
  ServiceTables tables;
  tables.set(who("a"), planned(service("a", {"10.96.0.1"}), {slice("a", {"10.244.0.2"})}));
  static_cast<void>(tables.take_change());
  tables.set(who("a"), planned(service("a", {"10.96.0.1"}), {slice("a", {"10.244.0.2", "10.244.0.3"})}));
  EXPECT_THAT(ways(tables.wanted()),
              ElementsAre("default/a 10.96.0.1:80/tcp -> 10.244.0.2:8080 10.244.0.3:8080 by lb-2"));
  tables.erase("default/a");
  EXPECT_THAT(tables.wanted(), IsEmpty());
  EXPECT_THAT(tables.chains(), IsEmpty());
}

TEST(ServiceTables, APoolWithAffinityKeepsItsNumber) {
  auto web = service("web", {"10.96.0.1"});
  web.affinity_seconds = 600;
  ServiceTables tables;
  tables.set(who("web"), planned(web, {slice("web", {"10.244.0.2"})}));
  const auto before = tables.wanted().at("vips4");
  tables.set(who("web"), planned(web, {slice("web", {"10.244.0.2", "10.244.0.3"})}));
  EXPECT_EQ(tables.wanted().at("vips4"), before);
  EXPECT_THAT(tables.chains(), ElementsAre("lb-2", "remember-600"));
}

TEST(ServiceTables, TheOlderOfTwoHasTheAddress) {
  auto old = service("old", {"10.96.0.1"}), young = service("young", {"10.96.0.2"});
  old.external_ips = young.external_ips = {ip("198.51.100.4")};
  ServiceTables tables;
  EXPECT_THAT(tables.set(who("young", 2), planned(young, {slice("young", {"10.244.0.3"})})), IsEmpty());
  EXPECT_THAT(tables.set(who("old", 1), planned(old, {slice("old", {"10.244.0.2"})})), IsEmpty());
  EXPECT_TRUE(ways(tables.wanted()).contains("default/old 198.51.100.4:80/tcp -> 10.244.0.2:8080 by lb-1"));
  EXPECT_THAT(tables.set(who("young", 2), planned(young, {slice("young", {"10.244.0.3"})})),
              ElementsAre("default/young: another Service has that address and port: default/old"));
  tables.erase("default/old");
  EXPECT_TRUE(ways(tables.wanted()).contains("default/young 198.51.100.4:80/tcp -> 10.244.0.3:8080 by lb-1"));
}

TEST(ServiceTables, ARestartTakesTheNumbersOver) {
  ServiceTables before;
  for (const auto* name : {"a", "b", "c"})
    before.set(who(name), planned(service(name, {std::string("10.96.0.") + (*name == 'a'   ? "1"
                                                                            : *name == 'b' ? "2"
                                                                                           : "3")}),
                                  {slice(name, {"10.244.0.2", *name == 'c' ? "10.244.0.3" : "10.244.0.2"})}));
  before.erase("default/a");
  const auto there = before.wanted();
  ServiceTables after;
  after.adopt(there);
  after.set(who("c"), planned(service("c", {"10.96.0.3"}), {slice("c", {"10.244.0.2", "10.244.0.3"})}));
  after.set(who("b"), planned(service("b", {"10.96.0.2"}), {slice("b", {"10.244.0.2"})}));
  EXPECT_EQ(after.wanted(), there);
}

TEST(ServiceTables, FiveThousandEndpoints) {
  std::vector<std::string> many;
  for (int i = 0; i < 5000; ++i)
    many.push_back("10.244." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1));
  ServiceTables tables;
  EXPECT_THAT(tables.set(who("web"), planned(service("web", {"10.96.0.1"}), {slice("web", many)})),
              IsEmpty());
  EXPECT_THAT(tables.wanted().at("endpoints4"), SizeIs(5000));
  EXPECT_THAT(tables.chains(), ElementsAre("lb-5000"));
}

/// Services that come, change and go in any order leave the same as what is there planned from nothing, and
/// the changes that were taken add up to it.
TEST(ServiceTables, Property) {
  std::mt19937 random(11);
  std::map<std::string, std::pair<kube::Service, kube::EndpointSlice>> now;
  ServiceTables tables;
  std::map<std::pair<std::string, state::NftBytes>, state::NftElement> kernel;
  for (int step = 0; step < 3000; ++step) {
    const auto number = random() % 12;
    const auto name = "s" + std::to_string(number);
    if (random() % 4 == 0) {
      now.erase(name);
      tables.erase("default/" + name);
    } else {
      auto s = service(name, {"10.96.0." + std::to_string(number + 1)});
      if (random() % 2 == 0) s.ports[0].node_port = 30000 + static_cast<int>(number);
      if (random() % 3 == 0) s.external_traffic_policy = "Local";
      if (random() % 5 == 0) s.affinity_seconds = 600;
      if (random() % 3 == 0) s.external_ips = {ip("198.51.100.1")};
      std::vector<std::string> endpoints;
      for (auto left = random() % 5; left > 0; --left)
        endpoints.push_back("10.244.0." + std::to_string(random() % 20 + 1) + "@node" +
                            std::to_string(random() % 3));
      auto sl = slice(name, endpoints);
      tables.set(who(name, static_cast<std::int64_t>(number)), planned(s, {sl}));
      now.insert_or_assign(name, std::pair(s, sl));
    }
    const auto change = tables.take_change();
    for (const auto& [set, list] : change.remove)
      for (const auto& element : list) ASSERT_EQ(kernel.erase({set, element.key}), 1U) << set;
    for (const auto& [set, list] : change.add)
      for (const auto& element : list)
        ASSERT_TRUE(kernel.emplace(std::pair(set, element.key), element).second) << set;
  }
  state::NftElements held;
  for (const auto& [key, element] : kernel) held[key.first].push_back(element);
  ServiceTables fresh;
  for (const auto& [name, both] : now)
    fresh.set(who(name, std::stol(name.substr(1))), planned(both.first, {both.second}));
  EXPECT_EQ(ways(held), ways(fresh.wanted()));
  EXPECT_EQ(ways(held), ways(tables.wanted()));
}

}  // namespace
}  // namespace podwire::plan
