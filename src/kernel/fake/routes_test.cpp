#include "kernel/fake/test_bed.h"

namespace podwire::kernel::fake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// dummy0 is up with 10.0.0.1/24 and 2001:db8::1/64; dummy1 is down.
class FakeRoutes : public FakeTest {
 protected:
  FakeRoutes() {
    up = plain("dummy0");
    down = rtnl->create_plain("dummy", "dummy1").value();
    EXPECT_TRUE(rtnl->add_address(address(up, "10.0.0.1/24")));
    EXPECT_TRUE(rtnl->add_address(address(up, "2001:db8::1/64")));
  }
  int add(const state::Route& route) { return errno_of(rtnl->add_route(route)); }
  int up = 0, down = 0;
};

TEST_F(FakeRoutes, AGatewayMustBeCoveredByARouteOnALink) {
  EXPECT_EQ(add(via("10.1.0.0/24", "10.0.0.2")), 0);
  EXPECT_EQ(add(via("10.2.0.0/24", "10.1.0.1")), ENETUNREACH) << "covered only by way of another gateway";
  EXPECT_EQ(add(via("10.2.0.0/24", "192.0.2.1", up)), ENETUNREACH);
  EXPECT_EQ(add(via("10.2.0.0/24", "10.0.0.2", down)), ENETUNREACH) << "covered, but over another link";
  EXPECT_EQ(add(via("2001:db8:1::/64", "2001:db8::2")), 0);
  EXPECT_EQ(add(via("2001:db8:2::/64", "2001:db8:1::1")), EHOSTUNREACH);
  EXPECT_EQ(add(via("2001:db8:2::/64", "2001:db8:9::1", up)), EHOSTUNREACH);
}

TEST_F(FakeRoutes, OnlinkAsksForNoCover) {
  auto route = via("10.2.0.0/24", "192.0.2.1", up);
  route.onlink = true;
  EXPECT_EQ(add(route), 0);
  route = via("2001:db8:2::/64", "2001:db8:9::1", up);
  route.onlink = true;
  EXPECT_EQ(add(route), 0);
  route.dst = cidr("2001:db8:3::/64");
  route.link_index = down;
  EXPECT_EQ(add(route), ENETDOWN);
}

TEST_F(FakeRoutes, ARouteOnALinkIsCoverForAGateway) {
  ASSERT_EQ(add(over("169.254.1.1/32", up)), 0);
  EXPECT_EQ(add(via("0.0.0.0/0", "169.254.1.1", up)), 0);
  EXPECT_EQ(rtnl->route_to(ip("192.0.2.7"), true)->route.gateway, ip("169.254.1.1"));
}

TEST_F(FakeRoutes, ALinkThatIsDownOrGoneTakesNone) {
  EXPECT_EQ(add(over("10.3.0.0/24", down)), ENETDOWN);
  EXPECT_EQ(add(over("10.3.0.0/24", 99)), ENODEV);
  EXPECT_EQ(add(over("10.3.0.0/24", 0)), ENODEV);
  EXPECT_EQ(add(over("2001:db8:3::/64", down)), ENETDOWN);
  EXPECT_EQ(add(over("2001:db8:3::/64", 99)), ENODEV);
}

TEST_F(FakeRoutes, TheSameDestinationAndMetricIsTaken) {
  ASSERT_EQ(add(via("10.1.0.0/24", "10.0.0.2")), 0);
  EXPECT_EQ(add(via("10.1.0.0/24", "10.0.0.3")), EEXIST);
  auto other = via("10.1.0.0/24", "10.0.0.3");
  other.metric = 5;
  EXPECT_EQ(add(other), 0);
  ASSERT_TRUE(rtnl->add_route(via("10.1.0.0/24", "10.0.0.9"), Existing::replace));
  EXPECT_EQ(rtnl->route_to(ip("10.1.0.1"))->route.gateway, ip("10.0.0.9"));
  ASSERT_TRUE(rtnl->delete_route({.dst = cidr("10.1.0.0/24")}));
  EXPECT_EQ(rtnl->route_to(ip("10.1.0.1"))->route.gateway, ip("10.0.0.3"));
}

TEST_F(FakeRoutes, HostBitsAndForeignSources) {
  EXPECT_EQ(add(over("10.3.0.1/24", up)), EINVAL);
  EXPECT_EQ(add(over("2001:db8:3::1/64", up)), 0) << "IPv6 cuts them";
  EXPECT_THAT(destinations(*rtnl, up, Family::v6),
              ElementsAre("2001:db8:3::/64", "2001:db8::/64", "fe80::/64"));
  auto route = over("10.3.0.0/24", up);
  route.source = ip("10.9.9.9");
  EXPECT_EQ(add(route), EINVAL);
  route.source = ip("10.0.0.1");
  EXPECT_EQ(add(route), 0);
}

TEST_F(FakeRoutes, AGatewayThatIsOurselves) {
  EXPECT_EQ(add(via("10.4.0.0/24", "10.0.0.1")), 0) << "IPv4 takes it";
  EXPECT_EQ(add(via("10.5.0.0/24", "10.0.0.255")), EINVAL) << "but not the broadcast address";
  EXPECT_EQ(add(via("2001:db8:4::/64", "2001:db8::1")), EINVAL);
  EXPECT_EQ(add(via("2001:db8:4::/64", "fe80::1")), EINVAL) << "which link?";
  EXPECT_EQ(add(via("2001:db8:4::/64", "fe80::1", up)), 0);
}

TEST_F(FakeRoutes, RejectRoutesHaveNoLink) {
  state::Route route{.dst = cidr("10.244.0.0/16"), .type = state::RouteType::blackhole};
  EXPECT_EQ(add(route), 0);
  EXPECT_EQ(errno_of(rtnl->route_to(ip("10.244.1.1"))), EINVAL);
  route = {.dst = cidr("10.245.0.0/16"), .link_index = up, .type = state::RouteType::unreachable};
  EXPECT_EQ(add(route), EINVAL);
  route.link_index = 0;
  EXPECT_EQ(add(route), 0);
  EXPECT_EQ(errno_of(rtnl->route_to(ip("10.245.1.1"))), EHOSTUNREACH);
}

TEST_F(FakeRoutes, WhatIsNotThereCannotBeDeleted) {
  ASSERT_EQ(add(via("10.1.0.0/24", "10.0.0.2")), 0);
  EXPECT_EQ(errno_of(rtnl->delete_route({.dst = cidr("10.99.0.0/24")})), ESRCH);
  EXPECT_EQ(errno_of(rtnl->delete_route(via("10.1.0.0/24", "10.0.0.77"))), ESRCH);
  EXPECT_EQ(errno_of(rtnl->delete_route({.dst = cidr("10.1.0.0/24"), .metric = 99})), ESRCH);
  EXPECT_EQ(errno_of(rtnl->delete_route({.dst = cidr("10.1.0.0/24"), .table = 100})), ESRCH);
  EXPECT_EQ(errno_of(rtnl->delete_route({.dst = cidr("10.1.0.0/24")})), 0);
}

TEST_F(FakeRoutes, TheLongestPrefixWinsAndTheLocalTableIsAskedFirst) {
  ASSERT_EQ(add(via("0.0.0.0/0", "10.0.0.2")), 0);
  ASSERT_EQ(add(via("10.1.0.0/16", "10.0.0.3")), 0);
  EXPECT_EQ(rtnl->route_to(ip("10.1.2.3"))->route.gateway, ip("10.0.0.3"));
  EXPECT_EQ(rtnl->route_to(ip("10.2.0.1"))->route.gateway, ip("10.0.0.2"));
  EXPECT_EQ(rtnl->route_to(ip("10.0.0.1"))->route.type, state::RouteType::local);
  const auto answer = *rtnl->route_to(ip("10.1.2.3"));
  EXPECT_EQ(answer.preferred_source, ip("10.0.0.1"));
  EXPECT_EQ(answer.route.dst, cidr("10.1.2.3/32"));
  EXPECT_EQ(rtnl->route_to(ip("10.1.2.3"), true)->route.dst, cidr("10.1.0.0/16"));
  EXPECT_EQ(errno_of(rtnl->route_to(ip("2001:db8:77::1"))), ENETUNREACH);
}

TEST_F(FakeRoutes, RoutesGoWithTheirLink) {
  ASSERT_EQ(add(via("10.1.0.0/24", "10.0.0.2")), 0);
  ASSERT_EQ(add(via("2001:db8:1::/64", "2001:db8::2")), 0);
  ASSERT_TRUE(rtnl->delete_link(up));
  EXPECT_THAT(*rtnl->routes(std::nullopt, 0), IsEmpty());
}

TEST_F(FakeRoutes, Ipv6ReadsMetricNoughtAs1024) {
  ASSERT_EQ(add(via("2001:db8:1::/64", "2001:db8::2")), 0);
  EXPECT_EQ(rtnl->route_to(ip("2001:db8:1::1"), true)->route.metric, 1024u);
}

}  // namespace
}  // namespace podwire::kernel::fake
