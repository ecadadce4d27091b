#include "kernel/fake/test_bed.h"

namespace podwire::kernel::fake {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class FakeNeighbours : public FakeTest {
 protected:
  static state::Neighbour neighbour(int link, const char* addr) {
    return {.link_index = link, .addr = ip(addr), .mac = mac("02:00:00:00:00:01")};
  }
};

TEST_F(FakeNeighbours, SetReplacesAndDeleteMustFind) {
  const int index = plain();
  ASSERT_TRUE(rtnl->set_neighbour(neighbour(index, "10.0.0.2")));
  auto changed = neighbour(index, "10.0.0.2");
  changed.mac = mac("02:00:00:00:00:02");
  ASSERT_TRUE(rtnl->set_neighbour(changed));
  EXPECT_THAT(*rtnl->neighbours(), testing::ElementsAre(changed));
  EXPECT_EQ(errno_of(rtnl->delete_neighbour(neighbour(index, "10.0.0.3"))), ENOENT);
  EXPECT_EQ(errno_of(rtnl->set_neighbour(neighbour(99, "10.0.0.3"))), ENODEV);
  EXPECT_EQ(errno_of(rtnl->set_neighbour({.link_index = index, .addr = ip("10.0.0.4")})), EINVAL) << "no MAC";
  EXPECT_EQ(errno_of(rtnl->delete_neighbour(neighbour(index, "10.0.0.2"))), 0);
}

TEST_F(FakeNeighbours, TheyGoWhenTheLinkGoesDownOrChangesItsMac) {
  const int index = plain();
  ASSERT_TRUE(rtnl->set_neighbour(neighbour(index, "10.0.0.2")));
  ASSERT_TRUE(rtnl->set_neighbour(neighbour(index, "2001:db8::2")));
  ASSERT_TRUE(rtnl->set_neighbour({.link_index = index, .addr = ip("10.9.0.1"), .proxy = true}));
  ASSERT_TRUE(rtnl->change_link(index, {.mac = mac("02:00:00:00:00:99")}));
  EXPECT_THAT(*rtnl->neighbours(), SizeIs(1)) << "the proxy entry stays";
  ASSERT_TRUE(rtnl->set_neighbour(neighbour(index, "10.0.0.2")));
  ASSERT_TRUE(rtnl->change_link(index, {.up = false}));
  EXPECT_THAT(*rtnl->neighbours(), IsEmpty());
}

class FakeFdb : public FakeTest {
 protected:
  FakeFdb() {
    bridge = rtnl->create_bridge({.name = "br0"}).value();
    port = plain("port");
    EXPECT_TRUE(rtnl->change_link(port, {.master_index = bridge}));
    vxlan = rtnl->create_vxlan({.name = "vx", .vxlan = {}}).value();
  }
  int set(const state::FdbEntry& entry) { return errno_of(rtnl->set_fdb(entry)); }
  const Mac there = mac("02:00:00:00:00:01");
  int bridge = 0, port = 0, vxlan = 0;
};

TEST_F(FakeFdb, ABridgeKnowsItsPortsOwnAddresses) {
  const auto entries = *rtnl->fdb(port);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].mac, rtnl->link(port)->mac);
  EXPECT_EQ(entries[0].master_index, bridge);
}

TEST_F(FakeFdb, EntriesOfAPort) {
  const int loner = plain("loner");
  EXPECT_EQ(set({.link_index = port, .mac = there}), 0);
  EXPECT_EQ(set({.link_index = loner, .mac = there}), EOPNOTSUPP) << "no port of a bridge";
  EXPECT_EQ(set({.link_index = port, .mac = Mac()}), EINVAL);
  EXPECT_EQ(set({.link_index = port, .mac = there, .vlan = 5}), EINVAL);
  EXPECT_EQ(errno_of(rtnl->delete_fdb({.link_index = port, .mac = mac("02:00:00:00:00:05")})), ENOENT);
  ASSERT_TRUE(rtnl->change_link(port, {.master_index = 0}));
  EXPECT_THAT(*rtnl->fdb(port), IsEmpty()) << "they go when it leaves the bridge";
}

TEST_F(FakeFdb, EntriesOfAVxlanHaveAnOuterAddress) {
  state::FdbEntry entry{.link_index = vxlan, .mac = there, .remote = ip("10.89.0.11"), .self = true};
  EXPECT_EQ(set(entry), 0);
  entry.remote = ip("10.89.0.12");
  EXPECT_EQ(set(entry), 0);
  EXPECT_THAT(*rtnl->fdb(vxlan), testing::ElementsAre(entry)) << "replaced";
  EXPECT_EQ(set({.link_index = vxlan, .mac = there, .self = true}), EINVAL);
  EXPECT_EQ(set({.link_index = vxlan, .mac = there, .remote = ip("2001:db8::1"), .self = true}),
            EAFNOSUPPORT);
  auto elsewhere = entry;
  elsewhere.remote = ip("10.89.0.66");
  EXPECT_EQ(errno_of(rtnl->delete_fdb(elsewhere)), 0) << "the kernel says yes and does nothing";
  EXPECT_THAT(*rtnl->fdb(vxlan), SizeIs(1));
  EXPECT_EQ(errno_of(rtnl->delete_fdb(entry)), 0);
  EXPECT_EQ(errno_of(rtnl->delete_fdb(entry)), ENOENT);
}

TEST_F(FakeFdb, TheyGoWithTheirLink) {
  ASSERT_EQ(set({.link_index = port, .mac = there}), 0);
  ASSERT_EQ(set({.link_index = vxlan, .mac = there, .remote = ip("10.89.0.11"), .self = true}), 0);
  ASSERT_TRUE(rtnl->delete_link(port));
  ASSERT_TRUE(rtnl->delete_link(vxlan));
  EXPECT_THAT(*rtnl->fdb(), IsEmpty());
}

}  // namespace
}  // namespace podwire::kernel::fake
