#include "docker/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker/address_pools.h"
#include "oci/json_view.h"

namespace podwire::docker {
namespace {

using ::testing::HasSubstr;
const std::string kId(64, 'a');

Cidr cidr(std::string_view text) { return *Cidr::parse(text); }
Result<Network> plan(const NetworkRequest& request, const std::vector<Cidr>& taken = {},
                     const std::vector<Cidr>& routed = {}) {
  return plan_network(request, kId, "site", taken, routed);
}

TEST(AddressPools, AreDockersThirtyOne) {
  std::vector<Cidr> taken;
  for (int i = 0; i < 31; ++i) taken.push_back(*free_subnet(default_pools(), taken));
  EXPECT_EQ(taken.front().str(), "172.17.0.0/16");
  EXPECT_EQ(taken[3].str(), "172.20.0.0/16");
  EXPECT_EQ(taken[15].str(), "192.168.0.0/20");
  EXPECT_EQ(taken.back().str(), "192.168.240.0/20");
  EXPECT_THAT(free_subnet(default_pools(), taken).error().message(), HasSubstr("--subnet"));
}

TEST(AddressPools, SkipWhatOverlapsARoute) {
  EXPECT_EQ(free_subnet(default_pools(), {cidr("172.17.5.0/24")})->str(), "172.18.0.0/16");
  EXPECT_EQ(free_subnet(default_pools(), {cidr("172.16.0.0/12")})->str(), "192.168.0.0/20");
  EXPECT_EQ(free_subnet(default_pools(), {cidr("fd00::/8")})->str(), "172.17.0.0/16");
}

TEST(AddressPools, UniqueLocalSubnetsAreStableAndApart) {
  const auto a = *unique_local_subnet("site", "a", {});
  EXPECT_EQ(a, *unique_local_subnet("site", "a", {}));
  EXPECT_TRUE(cidr("fd00::/8").contains(a.addr()));
  EXPECT_EQ(a.length(), 64U);
  EXPECT_FALSE(a.overlaps(*unique_local_subnet("site", "b", {})));
  EXPECT_FALSE(a.overlaps(*unique_local_subnet("site", "a", {a})));
}

TEST(PlanNetwork, DefaultsAreDockers) {
  const auto n = plan({.name = "docker0"});
  ASSERT_TRUE(n);
  EXPECT_EQ(n->bridge, "docker0");
  ASSERT_EQ(n->subnets.size(), 1U);
  EXPECT_EQ(n->subnets[0].cidr.str(), "172.17.0.0/16");
  EXPECT_EQ(n->subnets[0].gateway.str(), "172.17.0.1");
  EXPECT_FALSE(n->resolves_names());
  EXPECT_EQ(plan({.name = "mynet"})->bridge, "br-aaaaaaaaaaaa");
}

TEST(PlanNetwork, TakesWhatIsGiven) {
  const auto n = plan({.name = "dual",
                       .subnets = {"10.5.0.0/16", "fd05::/64"},
                       .gateways = {"fd05::99", "10.5.0.9"},
                       .ip_ranges = {"10.5.7.0/24"},
                       .internal = true,
                       .icc = false,
                       .mtu = 1400});
  ASSERT_TRUE(n) << n.error().message();
  EXPECT_EQ(n->subnets[0].gateway.str(), "10.5.0.9");
  EXPECT_EQ(n->subnets[1].gateway.str(), "fd05::99");
  EXPECT_EQ(n->subnets[0].ip_range->str(), "10.5.7.0/24");
  EXPECT_FALSE(n->masquerade);  // an internal network has no outside
}

TEST(PlanNetwork, Ipv6WithoutASubnetGetsOne) {
  const auto n = plan({.name = "six", .ipv6 = true});
  ASSERT_TRUE(n);
  ASSERT_EQ(n->subnets.size(), 2U);
  EXPECT_EQ(n->subnets[0].cidr.family(), Family::v4);
  EXPECT_EQ(n->subnets[1].cidr.family(), Family::v6);
}

TEST(PlanNetwork, RefusesWithAReason) {
  const auto why = [](const NetworkRequest& r, const std::vector<Cidr>& taken = {}) {
    const auto n = plan(r, taken);
    return n ? std::string("it was taken") : n.error().message();
  };
  EXPECT_THAT(why({.name = ""}), HasSubstr("name network"));
  EXPECT_THAT(why({.name = "../x"}), HasSubstr("name network"));
  EXPECT_THAT(why({.name = "a", .subnets = {"10.0.0.5/24"}}), HasSubstr("10.0.0.0/24"));
  EXPECT_THAT(why({.name = "a", .subnets = {"10.0.0.0/31"}}), HasSubstr("prefix length"));
  EXPECT_THAT(why({.name = "a", .subnets = {"10.0.0.0"}}), HasSubstr("10.0.0.0"));
  EXPECT_THAT(why({.name = "a", .subnets = {"224.0.0.0/24"}}), HasSubstr("multicast"));
  EXPECT_THAT(why({.name = "a", .subnets = {"10.0.0.0/24"}}, {cidr("10.0.0.0/8")}),
              HasSubstr("overlaps 10.0.0.0/8"));
  EXPECT_THAT(why({.name = "a", .subnets = {"10.0.0.0/24", "10.1.0.0/24"}}), HasSubstr("one IPv4 subnet"));
  EXPECT_THAT(why({.name = "a", .subnets = {"10.0.0.0/24"}, .gateways = {"10.1.0.1"}}),
              HasSubstr("no subnet"));
  EXPECT_THAT(why({.name = "a", .subnets = {"10.0.0.0/24"}, .gateways = {"10.0.0.255"}}),
              HasSubstr("broadcast"));
  EXPECT_THAT(why({.name = "a", .subnets = {"10.0.0.0/24"}, .ip_ranges = {"10.0.0.0/16"}}),
              HasSubstr("no subnet"));
  EXPECT_THAT(why({.name = "a", .subnets = {"10.0.0.0/24"}, .ip_ranges = {"10.0.0.1/32"}}),
              HasSubstr("gateway"));
  EXPECT_THAT(why({.name = "a", .subnets = {"fd00::/64"}, .mtu = 1000}), HasSubstr("1280"));
  EXPECT_THAT(why({.name = "a", .bridge = "a-very-long-device-name"}), HasSubstr("15 characters"));
}

TEST(NetworkFile, IsAConflistAndReadsBack) {
  const auto n = *plan({.name = "dual",
                        .subnets = {"10.5.0.0/16", "fd05::/64"},
                        .ip_ranges = {"10.5.0.0/24"},
                        .icc = false,
                        .mtu = 1400,
                        .labels = {{"k", "v"}}});
  const boost::json::value file = encode_network(n, {"/state/cni", "/state/ipam"});
  const auto& plugin = file.at("plugins").at(0);
  EXPECT_EQ(plugin.at("type"), "podwire-cni");
  EXPECT_EQ(plugin.at("portIsolation"), true);
  EXPECT_EQ(plugin.at("mtu"), 1400);
  EXPECT_EQ(plugin.at("podwireDataDir"), "/state/cni");
  const auto& range = plugin.at("ipam").at("ranges").at(0).at(0);
  EXPECT_EQ(range.at("gateway"), "10.5.0.1");
  EXPECT_EQ(range.at("rangeStart"), "10.5.0.1");  // not the subnet's own address
  EXPECT_EQ(range.at("rangeEnd"), "10.5.0.255");
  const auto back = decode_network(oci::pretty_json(file));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(*back, n);
}

TEST(NetworkFile, AnInternalNetworkHasNoWayOut) {
  const boost::json::value file = encode_network(*plan({.name = "x", .internal = true}), {});
  EXPECT_EQ(file.at("plugins").at(0).at("isDefaultGateway"), false);
  EXPECT_EQ(file.at("plugins").at(0).at("internal"), true);
}

TEST(NetworkFile, ErrorsNameTheField) {
  EXPECT_THAT(decode_network("{").error().message(), HasSubstr("network"));
  EXPECT_THAT(decode_network(R"({"name":"x","podwire":{"id":7}})").error().message(),
              HasSubstr("network.podwire.id"));
  EXPECT_THAT(decode_network(R"({"name":"x","podwire":{"id":"a","bridge":"b","subnets":[{"subnet":"x"}]}})")
                  .error()
                  .message(),
              HasSubstr("subnets[0].subnet"));
}

}  // namespace
}  // namespace podwire::docker
