#include "kernel/fake/test_bed.h"

namespace podwire::kernel::fake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FakeLinks : public FakeTest {};

TEST_F(FakeLinks, ANewNamespaceHasLoDown) {
  const auto links = *pod_rtnl->links();
  ASSERT_EQ(links.size(), 1u);
  EXPECT_EQ(links[0].name, "lo");
  EXPECT_EQ(links[0].index, 1);
  EXPECT_EQ(links[0].mtu, 65536u);
  EXPECT_FALSE(links[0].up);
}

TEST_F(FakeLinks, AVethHasItsEndsInTwoNamespaces) {
  const int index = veth("veth1", "eth0");
  const auto here = *rtnl->link(index);
  const auto there = *pod_rtnl->link("eth0");
  EXPECT_EQ(here.name, "veth1");
  EXPECT_EQ(here.peer_index, there.index);
  EXPECT_EQ(there.peer_index, here.index);
  EXPECT_EQ(here.peer_netnsid, 0);
  EXPECT_TRUE(here.running);
  EXPECT_TRUE(there.running);
  EXPECT_NE(here.mac, there.mac);
}

TEST_F(FakeLinks, ATakenNameIsRefusedAtEitherEnd) {
  veth("veth1", "eth0");
  const auto before = host.dump() + host.dump(kPod);
  EXPECT_EQ(errno_of(rtnl->create_veth({.name = "veth1"}, {.name = "eth1"}, netns(kPod))), EEXIST);
  EXPECT_EQ(errno_of(rtnl->create_veth({.name = "veth2"}, {.name = "eth0"}, netns(kPod))), EEXIST);
  EXPECT_EQ(errno_of(rtnl->create_veth({.name = "x"}, {.name = "x"}, netns("current"))), EEXIST);
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = "veth1"})), EEXIST);
  EXPECT_EQ(host.dump() + host.dump(kPod), before);
}

TEST_F(FakeLinks, NamesAndAddressesThatTheKernelRefuses) {
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = ""})), EINVAL);
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = "a/b"})), EINVAL);
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = "a b"})), EINVAL);
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = "."})), EINVAL);
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = "sixteen-letters."})), ERANGE);
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = "fifteen-letters"})), 0);
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = "b", .mac = mac("01:00:5e:00:00:01")})), EADDRNOTAVAIL);
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = "b", .mtu = 67})), EINVAL);
  EXPECT_EQ(errno_of(rtnl->create_bridge({.name = "b", .mtu = 65536})), EINVAL);
  EXPECT_EQ(errno_of(rtnl->create_plain("nosuch", "x")), EOPNOTSUPP);
}

TEST_F(FakeLinks, DeletingOneEndOfAVethDeletesBoth) {
  const int index = veth();
  const int there = pod_rtnl->link("eth0")->index;
  EXPECT_TRUE(pod_rtnl->delete_link(there));
  EXPECT_EQ(errno_of(rtnl->link("veth1")), ENODEV);
  EXPECT_EQ(errno_of(rtnl->delete_link(index)), ENODEV);
}

TEST_F(FakeLinks, WithItsNamespaceAVethEndGoesAndTheOtherWithIt) {
  veth();
  host.remove_netns(kPod);
  EXPECT_EQ(errno_of(rtnl->link("veth1")), ENODEV);
  EXPECT_EQ(errno_of(host.open_netns(kPod)), ENOENT);
  EXPECT_THAT(*pod_rtnl->links(), IsEmpty()) << "an adapter of an ended namespace sees nothing";
}

TEST_F(FakeLinks, CarrierOfAVethNeedsBothEndsUp) {
  const int index = veth();
  ASSERT_TRUE(pod_rtnl->change_link(pod_rtnl->link("eth0")->index, {.up = false}));
  EXPECT_TRUE(rtnl->link(index)->up);
  EXPECT_FALSE(rtnl->link(index)->running);
}

TEST_F(FakeLinks, LoAndBridgesStayWhereTheyAre) {
  const int bridge = *rtnl->create_bridge({.name = "br0"});
  EXPECT_EQ(errno_of(rtnl->delete_link(1)), EOPNOTSUPP);
  EXPECT_EQ(errno_of(rtnl->move_link(1, netns(kPod))), EINVAL);
  EXPECT_EQ(errno_of(rtnl->move_link(bridge, netns(kPod))), EINVAL);
  EXPECT_EQ(errno_of(rtnl->move_link(99, netns(kPod))), ENODEV);
}

TEST_F(FakeLinks, AMovedLinkArrivesDownAndBare) {
  const int index = plain();
  ASSERT_TRUE(rtnl->add_address(address(index, "10.0.0.1/24")));
  ASSERT_TRUE(rtnl->change_link(index, {.alias = "for pod-1"}));
  ASSERT_TRUE(rtnl->move_link(index, netns(kPod)));
  EXPECT_EQ(errno_of(rtnl->link("dummy0")), ENODEV);
  const auto there = *pod_rtnl->link("dummy0");
  EXPECT_EQ(there.index, index) << "the index is kept where it is free";
  EXPECT_FALSE(there.up);
  EXPECT_EQ(there.alias, "for pod-1");
  EXPECT_THAT(*pod_rtnl->addresses(std::nullopt, index), IsEmpty());
  EXPECT_THAT(*rtnl->routes(std::nullopt, 0), IsEmpty());
}

TEST_F(FakeLinks, AMoveToATakenNameIsRefused) {
  const int index = plain("x");
  plain("x", *pod_rtnl);
  EXPECT_EQ(errno_of(rtnl->move_link(index, netns(kPod))), EEXIST);
  EXPECT_TRUE(rtnl->link("x"));
}

TEST_F(FakeLinks, AMovedVethEndIsStillItsPeersPeer) {
  const int index = *rtnl->create_veth({.name = "a"}, {.name = "b"}, netns("current"));
  EXPECT_EQ(rtnl->link(index)->peer_netnsid, -1);
  ASSERT_TRUE(rtnl->move_link(rtnl->link("b")->index, netns(kPod)));
  EXPECT_EQ(rtnl->link(index)->peer_index, pod_rtnl->link("b")->index);
  EXPECT_EQ(rtnl->link(index)->peer_netnsid, 0);
  ASSERT_TRUE(rtnl->delete_link(index));
  EXPECT_EQ(errno_of(pod_rtnl->link("b")), ENODEV);
}

TEST_F(FakeLinks, OnlyABridgeIsAMaster) {
  const int a = plain("a"), b = plain("b");
  const int bridge = *rtnl->create_bridge({.name = "br0"});
  const int other = *rtnl->create_bridge({.name = "br1"});
  EXPECT_EQ(errno_of(rtnl->change_link(a, {.master_index = b})), EOPNOTSUPP);
  EXPECT_EQ(errno_of(rtnl->change_link(a, {.master_index = 99})), EINVAL);
  EXPECT_EQ(errno_of(rtnl->change_link(1, {.master_index = bridge})), EINVAL);
  EXPECT_EQ(errno_of(rtnl->change_link(other, {.master_index = bridge})), ELOOP);
  EXPECT_EQ(errno_of(rtnl->change_link(a, {.hairpin = true})), EOPNOTSUPP);
  EXPECT_EQ(errno_of(rtnl->change_link(a, {.master_index = bridge, .hairpin = true})), 0);
  EXPECT_TRUE(rtnl->link(a)->port->hairpin);
  EXPECT_EQ(errno_of(rtnl->change_link(a, {.master_index = other})), 0);
  EXPECT_FALSE(rtnl->link(a)->port->hairpin) << "a port that comes anew has the defaults";
}

TEST_F(FakeLinks, ABridgeFollowsItsPortsUntilItIsToldOtherwise) {
  const int bridge = *rtnl->create_bridge({.name = "br0"});
  const int a = plain("a"), b = plain("b");
  ASSERT_TRUE(rtnl->change_link(a, {.mac = mac("02:00:00:00:00:0a"), .mtu = 1400}));
  ASSERT_TRUE(rtnl->change_link(b, {.mac = mac("02:00:00:00:00:01")}));
  ASSERT_TRUE(rtnl->change_link(a, {.master_index = bridge}));
  EXPECT_EQ(rtnl->link(bridge)->mac.str(), "02:00:00:00:00:0a");
  EXPECT_EQ(rtnl->link(bridge)->mtu, 1400u);
  ASSERT_TRUE(rtnl->change_link(b, {.master_index = bridge}));
  EXPECT_EQ(rtnl->link(bridge)->mac.str(), "02:00:00:00:00:01");
  ASSERT_TRUE(rtnl->change_link(bridge, {.mac = mac("02:00:00:00:00:ff")}));
  ASSERT_TRUE(rtnl->delete_link(b));
  EXPECT_EQ(rtnl->link(bridge)->mac.str(), "02:00:00:00:00:ff");
}

TEST_F(FakeLinks, ADeletedBridgeFreesItsPorts) {
  const int bridge = *rtnl->create_bridge({.name = "br0"});
  const int index =
      *rtnl->create_veth({.name = "veth1", .master_index = bridge}, {.name = "eth0"}, netns(kPod));
  EXPECT_EQ(rtnl->link(index)->master_index, bridge);
  ASSERT_TRUE(rtnl->delete_link(bridge));
  EXPECT_EQ(rtnl->link(index)->master_index, 0);
  EXPECT_FALSE(rtnl->link(index)->port);
}

TEST_F(FakeLinks, ABridgeHasCarrierWhenAPortHas) {
  const int bridge = *rtnl->create_bridge({.name = "br0"});
  ASSERT_TRUE(rtnl->change_link(bridge, {.up = true}));
  EXPECT_FALSE(rtnl->link(bridge)->running);
  const int port = plain();
  ASSERT_TRUE(rtnl->change_link(port, {.master_index = bridge}));
  EXPECT_TRUE(rtnl->link(bridge)->running);
  ASSERT_TRUE(rtnl->change_link(port, {.up = false}));
  EXPECT_FALSE(rtnl->link(bridge)->running);
}

TEST_F(FakeLinks, AVxlanIsUniqueByItsNumberAndPort) {
  const int below = plain("eth0");
  const state::Vxlan one{.vni = 1, .local = ip("10.89.0.10"), .underlay_index = below};
  const auto vxlan = rtnl->create_vxlan({.name = "vx", .vxlan = one});
  ASSERT_TRUE(vxlan);
  EXPECT_EQ(rtnl->link(*vxlan)->mtu, 1450u) << "the link below less 50 bytes of headers";
  EXPECT_EQ(errno_of(rtnl->create_vxlan({.name = "vx2", .vxlan = one})), EEXIST);
  EXPECT_EQ(errno_of(rtnl->create_vxlan({.name = "vx2", .vxlan = {.vni = 1u << 24}})), ERANGE);
  EXPECT_EQ(errno_of(rtnl->create_vxlan({.name = "vx2", .vxlan = {.vni = 2, .underlay_index = 99}})), ENODEV);
  ASSERT_TRUE(rtnl->delete_link(below));
  EXPECT_EQ(errno_of(rtnl->link("vx")), ENODEV) << "it goes with the link it lies on";
}

TEST_F(FakeLinks, ARenameRefusesATakenName) {
  const int index = plain("a");
  plain("b");
  EXPECT_EQ(errno_of(rtnl->change_link(index, {.name = "b"})), EEXIST);
  EXPECT_EQ(errno_of(rtnl->change_link(index, {.name = "c"})), 0);
  EXPECT_EQ(rtnl->link("c")->index, index);
  EXPECT_EQ(errno_of(rtnl->change_link(99, {.up = true})), ENODEV);
}

TEST_F(FakeLinks, ShapersGoWithTheirLink) {
  const int index = plain();
  const state::Shaper shaper{index, {.rate_bytes = 1000000, .burst_bytes = 10000, .limit_bytes = 20000}};
  EXPECT_TRUE(rtnl->set_shaper(shaper));
  EXPECT_EQ(**rtnl->shaper(index), shaper);
  EXPECT_EQ(errno_of(rtnl->set_shaper({index, {}})), EINVAL);
  EXPECT_EQ(errno_of(rtnl->set_shaper({99, shaper.bucket})), ENODEV);
  EXPECT_EQ(errno_of(rtnl->redirect_ingress(index, 99)), ENODEV);
  EXPECT_TRUE(rtnl->delete_shaper(index));
  EXPECT_TRUE(rtnl->delete_shaper(index)) << "nothing to delete is success";
  EXPECT_FALSE(*rtnl->shaper(index));
}

}  // namespace
}  // namespace podwire::kernel::fake
