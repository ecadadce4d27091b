#include "kernel/fake/test_bed.h"

namespace podwire::kernel::fake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class FakeAddresses : public FakeTest {};

TEST_F(FakeAddresses, AnAddressBringsItsRoutes) {
  const int index = plain();
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.1/24")));
  EXPECT_THAT(destinations(*rtnl, index, Family::v4), ElementsAre("10.0.0.0/24"));
  EXPECT_THAT(destinations(*rtnl, index, Family::v4, 255), ElementsAre("10.0.0.1/32", "10.0.0.255/32"));
  ASSERT_TRUE(rtnl->add_address(address(index, "2001:db8::1/64")));
  EXPECT_THAT(destinations(*rtnl, index, Family::v6), ElementsAre("2001:db8::/64", "fe80::/64"));
  ASSERT_TRUE(rtnl->delete_address(address(index, "10.0.0.1/24")));
  ASSERT_TRUE(rtnl->delete_address(address(index, "2001:db8::1/64")));
  EXPECT_THAT(destinations(*rtnl, index, Family::v4, 0), IsEmpty());
  EXPECT_THAT(destinations(*rtnl, index, Family::v6), ElementsAre("fe80::/64"));
}

TEST_F(FakeAddresses, ConnectedRoutesComeWithTheLinkAndGoWithIt) {
  const int index = plain();
  ASSERT_TRUE(rtnl->change_link(index, {.up = false}));
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.1/24")));
  EXPECT_THAT(destinations(*rtnl, index, Family::v4), IsEmpty());
  EXPECT_THAT(destinations(*rtnl, index, Family::v4, 255), ElementsAre("10.0.0.1/32"))
      << "local even when down";
  ASSERT_TRUE(rtnl->change_link(index, {.up = true}));
  EXPECT_THAT(destinations(*rtnl, index, Family::v4), ElementsAre("10.0.0.0/24"));
  ASSERT_TRUE(rtnl->change_link(index, {.up = false}));
  EXPECT_THAT(destinations(*rtnl, index, Family::v4), IsEmpty());
  EXPECT_THAT(cidrs(*rtnl, index, Family::v4), ElementsAre("10.0.0.1/24"));
}

TEST_F(FakeAddresses, ALinkThatGoesDownLosesItsIpv6Addresses) {
  const int index = plain();
  ASSERT_TRUE(rtnl->add_address(address(index, "2001:db8::1/64")));
  ASSERT_TRUE(rtnl->change_link(index, {.up = false}));
  EXPECT_THAT(cidrs(*rtnl, index, Family::v6), IsEmpty());
  ASSERT_TRUE(rtnl->change_link(index, {.up = true}));
  EXPECT_EQ(cidrs(*rtnl, index, Family::v6).size(), 1u) << "only the link-local one comes back";
}

TEST_F(FakeAddresses, TheLinkLocalAddressIsMadeOfTheMac) {
  const int index = *rtnl->create_plain("dummy", "d");
  ASSERT_TRUE(rtnl->change_link(index, {.up = true, .mac = mac("0a:58:0a:f4:01:02")}));
  EXPECT_THAT(cidrs(*rtnl, index, Family::v6), ElementsAre("fe80::858:aff:fef4:102/64"));
  EXPECT_EQ(rtnl->addresses(Family::v6, index)->front().scope, state::Scope::link);
}

TEST_F(FakeAddresses, LoGetsItsOwnWhenItComesUp) {
  ASSERT_TRUE(pod_rtnl->change_link(1, {.up = true}));
  EXPECT_THAT(cidrs(*pod_rtnl, 1, Family::v4), ElementsAre("127.0.0.1/8"));
  EXPECT_THAT(cidrs(*pod_rtnl, 1, Family::v6), ElementsAre("::1/128"));
  EXPECT_THAT(destinations(*pod_rtnl, 1, Family::v4, 255),
              ElementsAre("127.0.0.0/8", "127.0.0.1/32", "127.255.255.255/32"));
  EXPECT_THAT(destinations(*pod_rtnl, 1, Family::v6, 255), ElementsAre("::1/128"));
}

TEST_F(FakeAddresses, TheSameTwiceIsRefused) {
  const int index = plain();
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.1/24")));
  ASSERT_TRUE(rtnl->add_address(address(index, "2001:db8::1/64")));
  EXPECT_EQ(errno_of(rtnl->add_address(address(index, "10.0.0.1/24"))), EEXIST);
  EXPECT_EQ(errno_of(rtnl->add_address(address(index, "10.0.0.1/16"))), 0)
      << "IPv4: another length is another";
  EXPECT_EQ(errno_of(rtnl->add_address(address(index, "2001:db8::1/80"))), EEXIST) << "IPv6: it is not";
  EXPECT_EQ(errno_of(rtnl->add_address(address(index, "10.0.0.1/24"), Existing::replace)), 0);
  EXPECT_THAT(cidrs(*rtnl, index, Family::v4), ElementsAre("10.0.0.1/24", "10.0.0.1/16"));
}

TEST_F(FakeAddresses, WhatIsNotThereCannotBeDeleted) {
  const int index = plain();
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.1/24")));
  EXPECT_EQ(errno_of(rtnl->delete_address(address(index, "10.0.0.9/24"))), EADDRNOTAVAIL);
  EXPECT_EQ(errno_of(rtnl->delete_address(address(index, "10.0.0.1/25"))), EADDRNOTAVAIL);
  EXPECT_EQ(errno_of(rtnl->delete_address(address(index, "2001:db8::1/64"))), EADDRNOTAVAIL);
  EXPECT_EQ(errno_of(rtnl->delete_address(address(99, "10.0.0.1/24"))), ENODEV);
  EXPECT_EQ(errno_of(rtnl->add_address(address(99, "10.0.0.1/24"))), ENODEV);
}

TEST_F(FakeAddresses, AddressesThatIpv6Refuses) {
  const int index = plain();
  EXPECT_EQ(errno_of(rtnl->add_address(address(index, "ff02::5/64"))), EADDRNOTAVAIL);
  EXPECT_EQ(errno_of(rtnl->add_address(address(index, "::/64"))), EADDRNOTAVAIL);
  EXPECT_EQ(errno_of(rtnl->add_address(address(index, "::1/128"))), EADDRNOTAVAIL);
  ASSERT_TRUE((*host.sysctl(netns("current")))->set("net/ipv6/conf/dummy0/disable_ipv6", "1"));
  EXPECT_EQ(errno_of(rtnl->add_address(address(index, "2001:db8::1/64"))), EACCES);
}

TEST_F(FakeAddresses, SecondariesGoWithTheirPrimary) {
  const int index = plain();
  for (const char* text : {"10.0.0.1/24", "10.0.0.2/24", "10.9.0.1/24"})
    ASSERT_TRUE(rtnl->add_address(address(index, text)));
  ASSERT_TRUE(rtnl->delete_address(address(index, "10.0.0.1/24")));
  EXPECT_THAT(cidrs(*rtnl, index, Family::v4), ElementsAre("10.9.0.1/24"));
  EXPECT_THAT(destinations(*rtnl, index, Family::v4), ElementsAre("10.9.0.0/24"));
}

TEST_F(FakeAddresses, WithPromoteSecondariesTheyStay) {
  const int index = plain();
  ASSERT_TRUE((*host.sysctl(netns("current")))->set("net/ipv4/conf/dummy0/promote_secondaries", "1"));
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.1/24")));
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.2/24")));
  ASSERT_TRUE(rtnl->delete_address(address(index, "10.0.0.1/24")));
  EXPECT_THAT(cidrs(*rtnl, index, Family::v4), ElementsAre("10.0.0.2/24"));
  EXPECT_EQ(rtnl->routes(Family::v4)->front().source, ip("10.0.0.2"));
}

TEST_F(FakeAddresses, WithTheLastIpv4AddressAllIpv4RoutesOfTheLinkGo) {
  const int index = plain();
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.1/24")));
  ASSERT_TRUE(rtnl->add_address(address(index, "2001:db8::1/64")));
  ASSERT_TRUE(rtnl->add_route(via("10.1.0.0/16", "10.0.0.2")));
  ASSERT_TRUE(rtnl->add_route(via("2001:db8:1::/64", "2001:db8::2")));
  ASSERT_TRUE(rtnl->delete_address(address(index, "10.0.0.1/24")));
  ASSERT_TRUE(rtnl->delete_address(address(index, "2001:db8::1/64")));
  EXPECT_THAT(destinations(*rtnl, index, Family::v4), IsEmpty());
  EXPECT_THAT(destinations(*rtnl, index, Family::v6), ElementsAre("2001:db8:1::/64", "fe80::/64"))
      << "IPv6 keeps";
}

TEST_F(FakeAddresses, AConnectedRouteDeletedByHandStaysAway) {
  const int index = plain();
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.1/24")));
  auto connected = over("10.0.0.0/24", index);
  connected.protocol = state::RouteProtocol::kernel;
  ASSERT_TRUE(rtnl->delete_route(connected));
  ASSERT_TRUE(rtnl->add_address(address(index, "10.9.0.1/24")));
  EXPECT_THAT(destinations(*rtnl, index, Family::v4), ElementsAre("10.9.0.0/24"));
}

TEST_F(FakeAddresses, WithoutCarrierAnIpv6AddressStaysTentative) {
  const int index = *rtnl->create_veth({.name = "veth1"}, {.name = "eth0"}, netns(kPod));
  ASSERT_TRUE(rtnl->add_address(address(index, "2001:db8::1/64")));
  EXPECT_TRUE(rtnl->addresses(Family::v6, index)->front().tentative);
  ASSERT_TRUE(pod_rtnl->change_link(pod_rtnl->link("eth0")->index, {.up = true}));
  EXPECT_FALSE(rtnl->addresses(Family::v6, index)->front().tentative);
}

}  // namespace
}  // namespace podwire::kernel::fake
