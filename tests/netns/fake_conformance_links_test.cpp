#include "tests/netns/twin_kernels.h"

namespace podwire::test {
namespace {

class FakeLinksConformance : public TwinKernels {
 protected:
  void veth(const char* name, const char* peer) {
    both("create veth", [&](Side& s) {
      return s.rtnl->create_veth({.name = name, .mac = mac("02:00:00:00:00:0a")},
                                 {.name = peer, .mac = mac("02:00:00:00:00:0b")}, *s.pod);
    });
  }
  void bridge(const char* name) {
    both("create bridge", [&](Side& s) { return s.rtnl->create_bridge({.name = name}); });
  }
};

TEST_F(FakeLinksConformance, Names) {
  veth("veth1", "eth0");
  for (const char* name : {"", ".", "..", "a/b", "a b", "a:b", "a\tb", "a%d", "sixteen-letters.",
                           "fifteen-letters", "veth1", "x\x01y", "lo"})
    same(name, [&](Side& s) { return s.rtnl->create_plain("ifb", name); });
  same("host name taken",
       [](Side& s) { return s.rtnl->create_veth({.name = "veth1"}, {.name = "eth1"}, *s.pod); });
  same("peer name taken",
       [](Side& s) { return s.rtnl->create_veth({.name = "veth2"}, {.name = "eth0"}, *s.pod); });
  same("same name twice", [](Side& s) { return s.rtnl->create_veth({.name = "x"}, {.name = "x"}, *s.here); });
  same("bridge name taken", [](Side& s) { return s.rtnl->create_bridge({.name = "veth1"}); });
  same("long bridge name", [](Side& s) { return s.rtnl->create_bridge({.name = "sixteen-letters."}); });
  same("template for a peer name",
       [](Side& s) { return s.rtnl->create_veth({.name = "veth3"}, {.name = "eth%d"}, *s.pod); });
  same("long veth name",
       [](Side& s) { return s.rtnl->create_veth({.name = "sixteen-letters."}, {.name = "y"}, *s.pod); });
  same("long peer name",
       [](Side& s) { return s.rtnl->create_veth({.name = "y"}, {.name = "sixteen-letters."}, *s.pod); });
  same("empty peer name", [](Side& s) { return s.rtnl->create_veth({.name = "z"}, {.name = ""}, *s.pod); });
  same("unknown kind", [](Side& s) { return s.rtnl->create_plain("nosuch", "x"); });
  same("find nothing", [](Side& s) { return s.rtnl->link("nosuch"); });
  same("find long", [](Side& s) { return s.rtnl->link("sixteen-letters."); });
  same("find empty", [](Side& s) { return s.rtnl->link(""); });
  same("find index", [](Side& s) { return s.rtnl->link(9999); });
  same("find index 0", [](Side& s) { return s.rtnl->link(0); });
  expect_same_state("after names");
}

TEST_F(FakeLinksConformance, MacsAndMtus) {
  veth("veth1", "eth0");
  bridge("br0");
  for (const char* address :
       {"01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "02:00:00:00:00:77"}) {
    same(address, [&](Side& s) { return s.rtnl->change_link(s.index("veth1"), {.mac = mac(address)}); });
    same(address, [&](Side& s) { return s.rtnl->change_link(s.index("br0"), {.mac = mac(address)}); });
    same(address, [&](Side& s) {
      return s.rtnl->create_veth({.name = "v", .mac = mac(address)}, {.name = "p"}, *s.pod);
    });
    same("peer's", [&](Side& s) {
      return s.rtnl->create_veth({.name = "w"}, {.name = "q", .mac = mac(address)}, *s.pod);
    });
  }
  for (const std::uint32_t mtu : {1u, 67u, 68u, 1279u, 1280u, 9000u, 65535u, 65536u, 4000000000u})
    for (const char* link : {"veth1", "br0", "lo"})
      same(fmt::format("{} mtu {}", link, mtu).c_str(),
           [&](Side& s) { return s.rtnl->change_link(s.index(link), {.mtu = mtu}); });
  for (const std::uint32_t mtu : {67u, 1400u, 65536u}) {
    same("new bridge", [&](Side& s) { return s.rtnl->create_bridge({.name = "br1", .mtu = mtu}); });
    same("new veth", [&](Side& s) {
      return s.rtnl->create_veth({.name = "n", .mtu = mtu}, {.name = "m", .mtu = mtu}, *s.pod);
    });
  }
  expect_same_state("after MACs and MTUs");
}

TEST_F(FakeLinksConformance, Masters) {
  veth("veth1", "eth0");
  veth("veth2", "eth1");
  bridge("br0");
  bridge("br1");
  const auto enslave = [&](const char* link, const char* master) {
    same(fmt::format("{} into {}", link, master).c_str(),
         [&](Side& s) { return s.rtnl->change_link(s.index(link), {.master_index = s.index(master)}); });
  };
  enslave("veth1", "veth2");
  enslave("veth1", "nosuch");
  enslave("lo", "br0");
  enslave("br1", "br0");
  enslave("br0", "br0");
  same("hairpin of no port",
       [](Side& s) { return s.rtnl->change_link(s.index("veth1"), {.hairpin = true}); });
  same("hairpin of a bridge", [](Side& s) { return s.rtnl->change_link(s.index("br0"), {.hairpin = true}); });
  enslave("veth1", "br0");
  same("hairpin",
       [](Side& s) { return s.rtnl->change_link(s.index("veth1"), {.hairpin = true, .isolated = true}); });
  expect_same_state("with a port");
  enslave("veth1", "br1");
  expect_same_state("after it went to another bridge");
  same("out", [](Side& s) { return s.rtnl->change_link(s.index("veth1"), {.master_index = 0}); });
  same("out again", [](Side& s) { return s.rtnl->change_link(s.index("veth1"), {.master_index = 0}); });
  same("veth into a bridge at once", [](Side& s) {
    return s.rtnl->create_veth(
        {.name = "veth3", .mac = mac("02:00:00:00:00:03"), .mtu = 1400, .master_index = s.index("br0")},
        {.name = "eth2"}, *s.pod);
  });
  same("veth into no bridge", [](Side& s) {
    return s.rtnl->create_veth({.name = "veth4", .master_index = s.index("lo")}, {.name = "eth3"}, *s.pod);
  });
  same("veth into nothing", [](Side& s) {
    return s.rtnl->create_veth({.name = "veth4", .master_index = 9999}, {.name = "eth3"}, *s.pod);
  });
  expect_same_state("the bridge follows its port");
  same("delete the bridge", [](Side& s) { return s.rtnl->delete_link(s.index("br0")); });
  expect_same_state("after the bridge is gone");
}

TEST_F(FakeLinksConformance, RenameMoveDelete) {
  veth("veth1", "eth0");
  veth("veth2", "eth1");
  bridge("br0");
  const auto rename = [&](const char* from, const char* to) {
    same(fmt::format("{} to {}", from, to).c_str(),
         [&](Side& s) { return s.rtnl->change_link(s.index(from), {.name = to}); });
  };
  rename("veth1", "veth2");
  rename("veth1", "veth1");
  rename("veth1", "sixteen-letters.");
  rename("veth1", "a/b");
  rename("veth1", "a%d");
  rename("veth1", "veth9");
  rename("veth9", "veth1");
  rename("nosuch", "x");
  same("alias", [](Side& s) { return s.rtnl->change_link(s.index("veth1"), {.alias = "pod-1"}); });
  same("long alias",
       [](Side& s) { return s.rtnl->change_link(s.index("veth1"), {.alias = std::string(254, 'x')}); });
  same("longer alias",
       [](Side& s) { return s.rtnl->change_link(s.index("veth1"), {.alias = std::string(300, 'x')}); });
  same("promisc", [](Side& s) { return s.rtnl->change_link(s.index("veth1"), {.promisc = true}); });
  expect_same_state("after names");
  for (const char* link : {"lo", "br0", "nosuch"})
    same(link, [&](Side& s) { return s.rtnl->move_link(s.index(link), *s.pod); });
  both("a link of that name there", [](Side& s) { return s.pod_rtnl->create_plain("ifb", "veth1"); });
  same("move to a taken name", [](Side& s) { return s.rtnl->move_link(s.index("veth1"), *s.pod); });
  same("move to where it is", [](Side& s) { return s.rtnl->move_link(s.index("veth1"), *s.here); });
  both("address", [](Side& s) { return s.rtnl->add_address(s.address("veth2", "10.0.0.1/24")); });
  same("move", [](Side& s) { return s.rtnl->move_link(s.index("veth2"), *s.pod); });
  expect_same_state("after a move");
  same("delete lo", [](Side& s) { return s.rtnl->delete_link(1); });
  same("delete nothing", [](Side& s) { return s.rtnl->delete_link(9999); });
  same("delete one end", [](Side& s) { return s.pod_rtnl->delete_link(s.pod_index("eth0")); });
  expect_same_state("after both ends are gone");
}

TEST_F(FakeLinksConformance, Vxlans) {
  veth("veth1", "eth0");
  const auto create = [&](const char* what, kernel::VxlanSpec spec, const char* below = nullptr) {
    same(what, [&](Side& s) {
      if (below != nullptr) spec.vxlan.underlay_index = s.index(below);
      return s.rtnl->create_vxlan(spec);
    });
  };
  const Mac one = mac("02:00:00:00:00:01");
  create("over veth1", {.name = "vx1", .vxlan = {.vni = 1, .local = ip("10.0.0.1")}, .mac = one}, "veth1");
  create("same VNI", {.name = "vx2", .vxlan = {.vni = 1}});
  create("same VNI, other port", {.name = "vx3", .vxlan = {.vni = 1, .port = 4789}, .mac = one});
  create("same VNI, other family",
         {.name = "vx4", .vxlan = {.vni = 1, .local = ip("2001:db8::1")}, .mac = one});
  create("greatest VNI", {.name = "vx5", .vxlan = {.vni = 0xffffff}, .mac = one});
  create("too great", {.name = "vx6", .vxlan = {.vni = 0x1000000}});
  create("over nothing", {.name = "vx6", .vxlan = {.vni = 6}}, "nosuch");
  create("name taken", {.name = "vx1", .vxlan = {.vni = 7}});
  create("bad MAC", {.name = "vx7", .vxlan = {.vni = 7}, .mac = mac("01:00:5e:00:00:01")});
  create("small MTU", {.name = "vx8", .vxlan = {.vni = 8}, .mac = one, .mtu = 67});
  create("MTU", {.name = "vx9", .vxlan = {.vni = 9, .learning = true}, .mac = one, .mtu = 1300}, "veth1");
  create("MTU above what fits", {.name = "vx10", .vxlan = {.vni = 10}, .mac = one, .mtu = 9000}, "veth1");
  expect_same_state("with VXLANs");
  same("delete below", [](Side& s) { return s.rtnl->delete_link(s.index("veth1")); });
  expect_same_state("what lay on it is gone");
}

TEST_F(FakeLinksConformance, Shapers) {
  veth("veth1", "eth0");
  const auto set = [&](const char* what, const char* link, state::TokenBucket bucket) {
    same(what, [&](Side& s) { return s.rtnl->set_shaper({s.index(link), bucket}); });
  };
  set("10 Mbit/s", "veth1", {.rate_bytes = 1250000, .burst_bytes = 20000, .limit_bytes = 40000});
  set("again, faster", "veth1", {.rate_bytes = 2500000, .burst_bytes = 20000, .limit_bytes = 40000});
  set("no rate", "veth1", {.rate_bytes = 0, .burst_bytes = 20000, .limit_bytes = 40000});
  set("no burst", "veth1", {.rate_bytes = 1250000, .burst_bytes = 0, .limit_bytes = 40000});
  set("no limit", "veth1", {.rate_bytes = 1250000, .burst_bytes = 20000, .limit_bytes = 0});
  set("no link", "nosuch", {.rate_bytes = 1250000, .burst_bytes = 20000, .limit_bytes = 40000});
  same("read", [](Side& s) { return s.rtnl->shaper(s.index("veth1")); });
  same("read no link", [](Side& s) { return s.rtnl->shaper(9999); });
  same("delete", [](Side& s) { return s.rtnl->delete_shaper(s.index("veth1")); });
  same("delete again", [](Side& s) { return s.rtnl->delete_shaper(s.index("veth1")); });
  same("delete no link", [](Side& s) { return s.rtnl->delete_shaper(9999); });
  same("redirect no link", [](Side& s) { return s.rtnl->redirect_ingress(9999, s.index("veth1")); });
}

}  // namespace
}  // namespace podwire::test
