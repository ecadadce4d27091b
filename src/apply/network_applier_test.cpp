#include "apply/network_applier.h"

#include "apply/network_reader.h"
#include "apply/network_testing.h"
#include "kernel/fake/test_bed.h"

namespace podwire::apply {
namespace {

using kernel::fake::FakeTest;
using testing::HasSubstr;

class NetworkApplierTest : public FakeTest {
 protected:
  NetworkApplierTest() {
    const int eth0 = veth("eth0", "wire");
    EXPECT_TRUE(rtnl->change_link(eth0, {.up = true}));
    EXPECT_TRUE(rtnl->add_address(address(eth0, "10.89.0.1/24")));
  }
  NetworkApplier applier{*rtnl};
};

TEST_F(NetworkApplierTest, TheKernelHoldsWhatIsWanted) {
  ASSERT_EQ(applier.apply(vxlan_to(3)).value(), 10U);
  EXPECT_EQ(describe(read_network(*rtnl).value()), describe(vxlan_to(3)));
  EXPECT_EQ(applier.apply(vxlan_to(3)).value(), 0U);
}

TEST_F(NetworkApplierTest, ANewAgentLeavesAloneWhatIsRight) {
  ASSERT_TRUE(applier.apply(vxlan_to(3)));
  const auto calls = host.mutating_calls();
  NetworkApplier next(*rtnl);
  EXPECT_EQ(next.apply(vxlan_to(3)).value(), 0U);
  EXPECT_EQ(host.mutating_calls(), calls);
}

TEST_F(NetworkApplierTest, WhatAnotherAgentLeftIsTakenAway) {
  const auto before = host.dump();
  ASSERT_TRUE(applier.apply(vxlan_to(3)));
  NetworkApplier next(*rtnl);
  ASSERT_TRUE(next.apply(vxlan_to(1)));
  EXPECT_EQ(describe(read_network(*rtnl).value()), describe(vxlan_to(1)));
  ASSERT_TRUE(next.apply({}));
  EXPECT_EQ(host.dump(), before);
}

TEST_F(NetworkApplierTest, WhatOthersBreakIsHealed) {
  ASSERT_TRUE(applier.apply(vxlan_to(2)));
  const auto whole = host.dump();
  const int tunnel = rtnl->link("flannel.1")->index;
  ASSERT_TRUE(rtnl->change_link(tunnel, {.up = false}));
  ASSERT_TRUE(rtnl->add_address(address(tunnel, "192.0.2.9/32")));
  applier.distrust();
  ASSERT_TRUE(applier.apply(vxlan_to(2)));
  EXPECT_EQ(host.dump(), whole);
  ASSERT_TRUE(rtnl->delete_link(tunnel));
  applier.distrust();
  ASSERT_TRUE(applier.apply(vxlan_to(2)));
  EXPECT_EQ(describe(read_network(*rtnl).value()), describe(vxlan_to(2)));
}

TEST_F(NetworkApplierTest, AnotherWriterGoingFirstIsNoError) {
  ASSERT_TRUE(applier.apply(vxlan_to(2)));
  ASSERT_TRUE(rtnl->delete_link(rtnl->link("flannel.1")->index));
  EXPECT_TRUE(applier.apply({}));
}

TEST_F(NetworkApplierTest, WhicheverCallFailsTheNextTryMakesItWhole) {
  for (std::uint64_t nth = 1; nth < 15; ++nth) {
    NetworkApplier fresh(*rtnl);
    ASSERT_TRUE(fresh.apply({}));
    host.fail_call(nth);
    const auto tried = fresh.apply(vxlan_to(3));
    ASSERT_EQ(tried.has_value(), nth > 12) << nth;
    if (!tried) EXPECT_THAT(tried.error().message(), HasSubstr("Input/output error"));
    ASSERT_TRUE(fresh.apply(vxlan_to(3))) << nth;
    EXPECT_EQ(describe(read_network(*rtnl).value()), describe(vxlan_to(3)));
    host.fail_call(0);
  }
}

}  // namespace
}  // namespace podwire::apply
