#include "kernel/fake/test_bed.h"

namespace podwire::kernel::fake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class FakeHostTest : public FakeTest {};

TEST_F(FakeHostTest, TheNthMutatingCallFailsWithoutEffect) {
  host.fail_call(2, ENOBUFS);
  EXPECT_TRUE(rtnl->create_bridge({.name = "br0"}));
  EXPECT_TRUE(rtnl->links()) << "reading does not count";
  EXPECT_EQ(errno_of(pod_rtnl->create_bridge({.name = "br0"})), ENOBUFS) << "counted over all namespaces";
  EXPECT_EQ(errno_of(pod_rtnl->link("br0")), ENODEV);
  EXPECT_TRUE(pod_rtnl->create_bridge({.name = "br0"})) << "only that one";
  EXPECT_EQ(host.mutating_calls(), 3u);
}

TEST_F(FakeHostTest, TheJournalSaysWhatWasCalledAndHowItEnded) {
  ASSERT_TRUE(rtnl->create_bridge({.name = "br0"}));
  (void)rtnl->create_bridge({.name = "br0"});
  host.fail_call(1);
  (void)rtnl->delete_link(2);
  EXPECT_THAT(host.journal(), ElementsAre("rtnl create_bridge br0", "rtnl create_bridge br0: File exists",
                                          "rtnl delete_link br0: Input/output error (injected)"));
}

TEST_F(FakeHostTest, WhatWasMadeAndTakenBackLeavesNoTraceInADump) {
  const auto before = host.dump() + host.dump(kPod);
  const int index = veth();
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.1/24")));
  ASSERT_TRUE((*host.sysctl(netns("current")))->set("net/ipv4/conf/veth1/rp_filter", "2"));
  EXPECT_THAT(host.dump(), HasSubstr("sysctl net/ipv4/conf/veth1/rp_filter=2"));
  EXPECT_THAT(host.dump(), HasSubstr("address veth1 10.0.0.1/24"));
  ASSERT_TRUE(rtnl->delete_link(index));
  EXPECT_EQ(host.dump() + host.dump(kPod), before);
  veth();
  EXPECT_NE(host.dump(), before);
}

TEST_F(FakeHostTest, NamespacesAreFoundByPath) {
  EXPECT_TRUE(host.open_netns(kPod));
  EXPECT_EQ(errno_of(host.open_netns("/run/netns/other")), ENOENT);
  EXPECT_EQ(errno_of(host.rtnl(NetNs::named("/run/netns/other"))), ENOENT);
  EXPECT_TRUE(host.rtnl(*host.current_netns()));
}

TEST_F(FakeHostTest, FlowsAreListedAndDeletedByFilter) {
  state::Flow flow;
  flow.original = {
      .src = ip("10.0.0.2"), .dst = ip("10.96.0.10"), .protocol = 17, .src_port = 4000, .dst_port = 53};
  flow.reply = {
      .src = ip("10.1.0.5"), .dst = ip("10.0.0.2"), .protocol = 17, .src_port = 53, .dst_port = 4000};
  host.add_flow(flow);
  flow.original.protocol = flow.reply.protocol = 6;
  host.add_flow(flow);
  const auto conntrack = *host.conntrack(netns("current"));
  EXPECT_THAT(*conntrack->flows({}), SizeIs(2));
  EXPECT_EQ(*conntrack->remove({.protocol = 17, .original_dst_port = 53}), 1u);
  EXPECT_EQ(*conntrack->remove({.protocol = 17}), 0u);
  EXPECT_THAT(*conntrack->flows({}), SizeIs(1));
  EXPECT_THAT(*(*host.conntrack(netns(kPod)))->flows({}), IsEmpty());
}

class FakeSysctlTest : public FakeTest {
 protected:
  FakeSysctlTest() : sysctl(*host.sysctl(netns("current"))) {}
  std::string get(const char* key) { return sysctl->get(key).value_or("(none)"); }
  std::unique_ptr<Sysctl> sysctl;
};

TEST_F(FakeSysctlTest, EntriesOfALinkComeGoAndAreRenamedWithIt) {
  EXPECT_EQ(errno_of(sysctl->get("net/ipv4/conf/dummy0/rp_filter")), ENOENT);
  ASSERT_TRUE(sysctl->set("net/ipv4/conf/default/rp_filter", "1"));
  const int index = plain("dummy0");
  EXPECT_EQ(get("net/ipv4/conf/dummy0/rp_filter"), "1") << "from conf/default";
  ASSERT_TRUE(rtnl->change_link(index, {.name = "d.1"}));
  EXPECT_EQ(get("net/ipv4/conf/d.1/rp_filter"), "1");
  EXPECT_EQ(errno_of(sysctl->get("net/ipv4/conf/dummy0/rp_filter")), ENOENT);
  ASSERT_TRUE(rtnl->delete_link(index));
  EXPECT_EQ(errno_of(sysctl->set("net/ipv4/conf/d.1/rp_filter", "1")), ENOENT);
}

TEST_F(FakeSysctlTest, ValuesAreNumbersWhereTheKernelHasNumbers) {
  EXPECT_EQ(get("net/ipv4/ip_forward"), "0");
  EXPECT_EQ(errno_of(sysctl->set("net/ipv4/ip_forward", "yes")), EINVAL);
  EXPECT_EQ(errno_of(sysctl->set("net/ipv4/ip_forward", "")), EINVAL);
  EXPECT_EQ(errno_of(sysctl->set("net/ipv4/ip_forward", "99999999999")), EINVAL);
  EXPECT_EQ(errno_of(sysctl->set("net/ipv4/nosuch", "1")), ENOENT);
  EXPECT_TRUE(sysctl->set("net/ipv4/ip_forward", " 1\n"));
  EXPECT_EQ(get("net/ipv4/ip_forward"), "1");
}

TEST_F(FakeSysctlTest, ForwardingIsSetForEveryLink) {
  plain("dummy0");
  ASSERT_TRUE(sysctl->set("net/ipv4/ip_forward", "1"));
  EXPECT_EQ(get("net/ipv4/conf/dummy0/forwarding"), "1");
  EXPECT_EQ(get("net/ipv4/conf/all/forwarding"), "1");
  ASSERT_TRUE(sysctl->set("net/ipv6/conf/all/forwarding", "1"));
  EXPECT_EQ(get("net/ipv6/conf/dummy0/forwarding"), "1");
}

TEST_F(FakeSysctlTest, DisableIpv6TakesTheAddresses) {
  const int index = plain("dummy0");
  ASSERT_TRUE(rtnl->add_address(address(index, "2001:db8::1/64")));
  ASSERT_TRUE(sysctl->set("net/ipv6/conf/dummy0/disable_ipv6", "1"));
  EXPECT_THAT(cidrs(*rtnl, index, Family::v6), IsEmpty());
  ASSERT_TRUE(sysctl->set("net/ipv6/conf/dummy0/disable_ipv6", "0"));
  EXPECT_THAT(cidrs(*rtnl, index, Family::v6), SizeIs(1)) << "the link-local one";
}

TEST_F(FakeSysctlTest, AnMtuBelow1280TakesIpv6Away) {
  const int index = plain("dummy0");
  ASSERT_TRUE(rtnl->change_link(index, {.mtu = 1279}));
  EXPECT_EQ(errno_of(sysctl->get("net/ipv6/conf/dummy0/disable_ipv6")), ENOENT);
  EXPECT_EQ(errno_of(rtnl->add_address(address(index, "2001:db8::1/64"))), EINVAL);
  ASSERT_TRUE(rtnl->change_link(index, {.mtu = 1280}));
  EXPECT_EQ(get("net/ipv6/conf/dummy0/disable_ipv6"), "0");
  EXPECT_THAT(cidrs(*rtnl, index, Family::v6), SizeIs(1));
}

}  // namespace
}  // namespace podwire::kernel::fake
