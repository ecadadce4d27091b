#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {
using kernel::LinkChange;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class RtnlLinks : public TwoNamespaces {};

TEST_F(RtnlLinks, AFreshNamespaceHasOnlyLo) {
  const auto links = must(host()->links());
  ASSERT_THAT(links, ElementsAre(Field(&state::Link::name, "lo")));
  EXPECT_EQ(links[0].index, 1);
  EXPECT_EQ(links[0].kind, "");
  EXPECT_TRUE(links[0].up);
  EXPECT_EQ(must(host()->link("lo")), links[0]);
  EXPECT_EQ(must(host()->link(1)), links[0]);
}

TEST_F(RtnlLinks, AVethPairAcrossNamespaces) {
  const auto host_mac = mac("02:00:00:00:00:01"), pod_mac = mac("02:00:00:00:00:02");
  const int index = must(host()->create_veth({.name = "vethA", .mac = host_mac, .mtu = 1400},
                                             {.name = "eth0", .mac = pod_mac, .mtu = 1400}, pod().ns()));
  const auto here = must(host()->link("vethA"));
  const auto there = must(pod()->link("eth0"));
  EXPECT_EQ(here.index, index);
  EXPECT_EQ(here.kind, "veth");
  EXPECT_EQ(here.mac, host_mac);
  EXPECT_EQ(here.mtu, 1400u);
  EXPECT_TRUE(here.up);
  EXPECT_EQ(here.peer_index, there.index);
  EXPECT_GE(here.peer_netnsid, 0);
  EXPECT_EQ(there.mac, pod_mac);
  EXPECT_EQ(there.mtu, 1400u);
  EXPECT_FALSE(there.up);
  EXPECT_EQ(there.peer_index, index);
  EXPECT_FALSE(here.running) << "no carrier while the other end is down";
  must(pod()->change_link(there.index, {.up = true}));
  EXPECT_TRUE(must(host()->link(index)).running);
}

TEST_F(RtnlLinks, AVethPairInOneNamespaceIsItsOwnPeer) {
  const int a = must(host()->create_veth({.name = "a"}, {.name = "b"}, host().ns()));
  const auto one = must(host()->link("a")), other = must(host()->link("b"));
  EXPECT_EQ(one.index, a);
  EXPECT_EQ(one.peer_index, other.index);
  EXPECT_EQ(other.peer_index, one.index);
  EXPECT_EQ(one.peer_netnsid, -1);
}

TEST_F(RtnlLinks, TakenNamesAreNamed) {
  veth("vethA", "eth0");
  const auto host_taken = host()->create_veth({.name = "vethA"}, {.name = "eth1"}, pod().ns());
  EXPECT_EQ(errno_of(host_taken), EEXIST);
  EXPECT_THAT(host_taken.error().message(),
              AllOf(HasSubstr("create veth vethA with peer eth1"), HasSubstr("a link named vethA already")));
  const auto pod_taken = host()->create_veth({.name = "vethB"}, {.name = "eth0"}, pod().ns());
  EXPECT_EQ(errno_of(pod_taken), EEXIST);
  EXPECT_THAT(pod_taken.error().message(), HasSubstr(pod().ns().name() + " has a link named eth0 already"));
  EXPECT_EQ(errno_of(host()->link("vethB")), ENODEV) << "nothing is left of the refused pair";
}

TEST_F(RtnlLinks, DeletingOneEndTakesTheOther) {
  const int index = veth();
  must(host()->delete_link(index));
  EXPECT_EQ(errno_of(pod()->link("eth0")), ENODEV);
  EXPECT_EQ(errno_of(host()->delete_link(index)), ENODEV);
  EXPECT_EQ(errno_of(host()->link(index)), ENODEV);
}

TEST_F(RtnlLinks, WhatIsNotThereIsENODEV) {
  EXPECT_EQ(errno_of(host()->link("nothing")), ENODEV);
  EXPECT_EQ(errno_of(host()->link("")), ENODEV);
  EXPECT_EQ(errno_of(host()->link("a-name-of-16-chr")), ENODEV);
  EXPECT_EQ(errno_of(host()->link(0)), ENODEV);
  EXPECT_EQ(errno_of(host()->link(999)), ENODEV);
  EXPECT_EQ(errno_of(host()->delete_link(0)), ENODEV);
  EXPECT_EQ(errno_of(host()->change_link(999, {.up = true})), ENODEV);
  EXPECT_THAT(host()->link("nothing").error().message(), HasSubstr("find link nothing"));
}

TEST_F(RtnlLinks, ARefusalCarriesTheKernelsWords) {
  const int bridge = must(host()->create_bridge({.name = "br0"}));
  const int second = must(host()->create_bridge({.name = "br1"}));
  const auto refused = host()->change_link(second, {.master_index = bridge});
  ASSERT_EQ(errno_of(refused), ELOOP);
  EXPECT_THAT(refused.error().detail, HasSubstr("Can not enslave a bridge to a bridge"));
}

TEST_F(RtnlLinks, AnUnknownKindIsRefused) {
  const auto refused = host()->create_plain("no-such-kind", "x0");
  EXPECT_EQ(errno_of(refused), EOPNOTSUPP);
  EXPECT_THAT(refused.error().message(),
              AllOf(HasSubstr("create link x0 (no-such-kind)"), HasSubstr("kind")));
}

TEST_F(RtnlLinks, NamesThatLinuxCannotHaveAreRefused) {
  EXPECT_NE(errno_of(host()->create_plain("ifb", "a-name-of-16-chr")), 0);
  EXPECT_NE(errno_of(host()->create_plain("ifb", "a/b")), 0);
  EXPECT_NE(errno_of(host()->create_veth({.name = "ok"}, {.name = "a-name-of-16-chr"}, pod().ns())), 0);
  EXPECT_THAT(must(host()->links()), ElementsAre(Field(&state::Link::name, "lo")));
}

TEST_F(RtnlLinks, BridgesKeepWhatTheyAreMadeWith) {
  const auto own = mac("02:aa:00:00:00:01");
  const int bridge = must(host()->create_bridge({.name = "br0", .mac = own, .mtu = 1400}));
  const int port = must(host()->create_veth(
      {.name = "p", .mac = mac("02:00:00:00:00:01"), .master_index = bridge}, {.name = "eth0"}, pod().ns()));
  EXPECT_EQ(must(host()->link(port)).master_index, bridge);
  const auto now = must(host()->link("br0"));
  EXPECT_EQ(now.kind, "bridge");
  EXPECT_EQ(now.mac, own) << "though the port's MAC is lower";
  EXPECT_EQ(now.mtu, 1400u) << "though the port's is 1500";
  EXPECT_FALSE(now.up);
  EXPECT_FALSE(now.vlan_filtering);
}

TEST_F(RtnlLinks, PortFlags) {
  const int bridge = must(host()->create_bridge({.name = "br0"}));
  const int port = veth();
  EXPECT_EQ(must(host()->link(port)).port, std::nullopt);
  EXPECT_NE(errno_of(host()->change_link(port, {.hairpin = true})), 0) << "not a port of anything";

  must(host()->change_link(port, {.master_index = bridge, .hairpin = true, .isolated = true}));
  auto link = must(host()->link(port));
  EXPECT_EQ(link.master_index, bridge);
  EXPECT_EQ(link.port, (state::BridgePort{.hairpin = true, .isolated = true}));
  const auto shown = host().run({"bridge", "-d", "link", "show", "dev", "vethA"});
  EXPECT_THAT(shown, AllOf(HasSubstr("hairpin on"), HasSubstr("isolated on"), HasSubstr("learning on")));

  must(host()->change_link(port, {.hairpin = false, .learning = false}));
  EXPECT_EQ(must(host()->link(port)).port, (state::BridgePort{.isolated = true, .learning = false}))
      << "what was not named stays";
  must(host()->change_link(port, {.master_index = 0}));
  link = must(host()->link(port));
  EXPECT_EQ(link.master_index, 0);
  EXPECT_EQ(link.port, std::nullopt);
}

TEST_F(RtnlLinks, ChangesOfALink) {
  const int index = must(host()->create_bridge({.name = "b0"}));
  must(host()->change_link(index, {.name = "b1",
                                   .up = true,
                                   .mac = mac("02:00:00:00:00:09"),
                                   .mtu = 1300,
                                   .promisc = true,
                                   .alias = "pod-1 eth0"}));
  auto link = must(host()->link("b1"));
  EXPECT_EQ(link.index, index);
  EXPECT_TRUE(link.up);
  EXPECT_TRUE(link.promisc);
  EXPECT_EQ(link.mac, mac("02:00:00:00:00:09"));
  EXPECT_EQ(link.mtu, 1300u);
  EXPECT_EQ(link.alias, "pod-1 eth0");
  must(host()->change_link(index, {.up = false}));
  link = must(host()->link(index));
  EXPECT_FALSE(link.up);
  EXPECT_TRUE(link.promisc) << "what was not named stays";
  must(host()->change_link(index, {.promisc = false, .alias = ""}));
  link = must(host()->link(index));
  EXPECT_FALSE(link.promisc);
  EXPECT_EQ(link.alias, "");
}

TEST_F(RtnlLinks, MovingALink) {
  const int index = must(host()->create_plain("ifb", "i0"));
  must(host()->move_link(index, pod().ns()));
  EXPECT_EQ(errno_of(host()->link("i0")), ENODEV);
  EXPECT_EQ(must(pod()->link("i0")).kind, "ifb");
  const int again = must(host()->create_plain("ifb", "i0"));
  EXPECT_EQ(errno_of(host()->move_link(again, pod().ns())), EEXIST);
  EXPECT_THAT(host()->move_link(again, pod().ns()).error().message(), HasSubstr(pod().ns().name()));
}

TEST_F(RtnlLinks, VxlanOfBothFamilies) {
  const int underlay = must(host()->create_plain("ifb", "under0"));
  must(host()->change_link(underlay, {.up = true}));
  for (const auto& [name, vni, local] : {std::tuple{"vx4", 1u, "192.0.2.1"}, {"vx6", 77u, "2001:db8::1"}}) {
    const state::Vxlan wanted{
        .vni = vni, .port = 8472, .local = addr(local), .underlay_index = underlay, .learning = false};
    const int index = must(
        host()->create_vxlan({.name = name, .vxlan = wanted, .mac = mac("02:00:00:00:00:07"), .mtu = 1400}));
    const auto link = must(host()->link(index));
    EXPECT_EQ(link.kind, "vxlan");
    EXPECT_EQ(link.vxlan, wanted) << name;
    EXPECT_EQ(link.mac, mac("02:00:00:00:00:07"));
    EXPECT_EQ(link.mtu, 1400u);
    EXPECT_EQ(link.peer_index, 0) << "IFLA_LINK is the underlay here";
  }
  const auto twice = host()->create_vxlan({.name = "vx5", .vxlan = {.vni = 1, .local = addr("192.0.2.1")}});
  EXPECT_EQ(errno_of(twice), EEXIST);
  EXPECT_THAT(twice.error().message(),
              AllOf(HasSubstr("vx5 (VNI 1, UDP port 8472)"), HasSubstr("VNI already exists")));
}

TEST_F(RtnlLinks, AListHasEveryLinkOnce) {
  std::vector<std::string> names{"lo"};
  for (int i = 0; i < 150; ++i) {
    names.push_back("i" + std::to_string(i));
    must(host()->create_plain("ifb", names.back()));
  }
  std::vector<std::string> listed;
  for (const auto& link : must(host()->links())) listed.push_back(link.name);
  EXPECT_THAT(listed, testing::UnorderedElementsAreArray(names));
}

}  // namespace
}  // namespace podwire::test
