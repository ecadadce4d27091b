#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {
using state::FdbEntry;
using state::Neighbour;
using state::NeighbourState;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class RtnlNeighbours : public TwoNamespaces, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    TwoNamespaces::SetUp();
    if (!IsSkipped()) index_ = veth();
  }
  Neighbour wanted() const {
    return {.link_index = index_, .addr = addr(GetParam()), .mac = mac("02:00:00:00:00:aa")};
  }
  /// Without those that Linux makes for multicast addresses.
  std::vector<Neighbour> ours(std::optional<Family> family = {}, int link = 0) {
    auto all = must(host()->neighbours(family, link));
    std::erase_if(all, [](const Neighbour& n) { return n.state == NeighbourState::noarp; });
    return all;
  }
  int index_ = 0;
};

TEST_P(RtnlNeighbours, SetListDelete) {
  must(host()->set_neighbour(wanted()));
  EXPECT_THAT(ours(), ElementsAre(wanted()));
  EXPECT_THAT(ours(wanted().addr.family(), index_), ElementsAre(wanted()));
  EXPECT_THAT(ours(wanted().addr.is_v4() ? Family::v6 : Family::v4), IsEmpty());
  EXPECT_THAT(ours({}, 1), IsEmpty());
  EXPECT_THAT(host().run({"ip", "neighbour", "show", "dev", "vethA"}),
              HasSubstr(std::string(GetParam()) + " lladdr 02:00:00:00:00:aa PERMANENT"));
  must(host()->delete_neighbour(wanted()));
  EXPECT_THAT(ours(), IsEmpty());
  const auto again = host()->delete_neighbour(wanted());
  EXPECT_EQ(errno_of(again), ENOENT);
  EXPECT_THAT(again.error().message(), HasSubstr(std::string("delete neighbour ") + GetParam()));
}

TEST_P(RtnlNeighbours, SettingReplaces) {
  must(host()->set_neighbour(wanted()));
  auto other = wanted();
  other.mac = mac("02:00:00:00:00:bb");
  must(host()->set_neighbour(other));
  EXPECT_THAT(ours(), ElementsAre(other));
}

TEST_P(RtnlNeighbours, ProxiedAddresses) {
  const Neighbour proxied{
      .link_index = index_, .addr = addr(GetParam()), .state = NeighbourState::none, .proxy = true};
  must(host()->set_neighbour(proxied));
  EXPECT_THAT(must(host()->neighbours({}, index_)),
              Contains(AllOf(Field(&Neighbour::addr, proxied.addr), Field(&Neighbour::proxy, true))));
  EXPECT_THAT(host().run({"ip", "neighbour", "show", "proxy"}), HasSubstr(GetParam()));
  must(host()->delete_neighbour(proxied));
  EXPECT_THAT(must(host()->neighbours({}, index_)), Each(Field(&Neighbour::proxy, false)));
}

TEST_P(RtnlNeighbours, ALinkThatIsGone) {
  auto n = wanted();
  n.link_index = 999;
  EXPECT_EQ(errno_of(host()->set_neighbour(n)), ENODEV);
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, RtnlNeighbours, testing::Values("10.0.0.9", "fd00::9"),
                         [](const auto& info) { return info.index == 0 ? "v4" : "v6"; });

class RtnlFdb : public TwoNamespaces {
 protected:
  std::vector<FdbEntry> entries_of(const Mac& m, int link = 0) {
    auto all = must(host()->fdb(link));
    std::erase_if(all, [&](const FdbEntry& e) { return e.mac != m; });
    return all;
  }
  int vxlan(const char* local) {
    const int index =
        must(host()->create_vxlan({.name = "vx0", .vxlan = {.vni = 1, .port = 8472, .local = addr(local)}}));
    must(host()->change_link(index, {.up = true}));
    return index;
  }
  const Mac far_ = mac("02:00:00:00:0f:01");
};

TEST_F(RtnlFdb, StaticEntriesOfABridge) {
  const int bridge = must(host()->create_bridge({.name = "br0"}));
  const int port = veth();
  must(host()->change_link(port, {.master_index = bridge}));
  FdbEntry e{.link_index = port, .mac = far_, .state = NeighbourState::noarp};
  must(host()->set_fdb(e));
  e.master_index = bridge;
  EXPECT_THAT(entries_of(far_), ElementsAre(e));
  EXPECT_THAT(entries_of(far_, port), ElementsAre(e));
  EXPECT_THAT(entries_of(far_, bridge), IsEmpty()) << "of the bridge itself there are only its own addresses";
  EXPECT_THAT(host().run({"bridge", "fdb", "show", "br", "br0"}),
              HasSubstr("02:00:00:00:0f:01 dev vethA master br0 static"));
  must(host()->set_fdb(e));  // again is no error
  must(host()->delete_fdb(e));
  EXPECT_THAT(entries_of(far_), IsEmpty());
  EXPECT_EQ(errno_of(host()->delete_fdb(e)), ENOENT);
}

TEST_F(RtnlFdb, NoBridgeNoEntry) {
  const FdbEntry e{.link_index = veth(), .mac = far_};
  const auto refused = host()->set_fdb(e);
  EXPECT_NE(errno_of(refused), 0);
  EXPECT_THAT(refused.error().message(), HasSubstr("set forwarding entry 02:00:00:00:0f:01"));
}

TEST_F(RtnlFdb, VxlanDestinationsOfBothFamilies) {
  for (const auto& [local, remote, other] :
       {std::tuple{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, {"2001:db8::1", "2001:db8::2", "2001:db8::3"}}) {
    const int index = vxlan(local);
    FdbEntry e{.link_index = index, .mac = far_, .remote = addr(remote), .self = true};
    must(host()->set_fdb(e));
    EXPECT_THAT(entries_of(far_, index), ElementsAre(e));
    EXPECT_THAT(host().run({"bridge", "fdb", "show", "dev", "vx0"}),
                HasSubstr(std::string("02:00:00:00:0f:01 dst ") + remote + " self permanent"));
    e.remote = addr(other);
    must(host()->set_fdb(e));
    EXPECT_THAT(entries_of(far_, index), ElementsAre(e)) << "replaced, not added";
    must(host()->delete_fdb(e));
    EXPECT_THAT(entries_of(far_, index), IsEmpty());
    must(host()->delete_link(index));
  }
}

TEST_F(RtnlFdb, TheDefaultDestinationOfAVxlanMayBeMany) {
  const int index = vxlan("192.0.2.1");
  FdbEntry a{.link_index = index, .remote = addr("192.0.2.2"), .self = true};
  FdbEntry b = a;
  b.remote = addr("192.0.2.3");
  must(host()->set_fdb(a));
  must(host()->set_fdb(b));
  must(host()->set_fdb(b));  // again is no error
  EXPECT_THAT(entries_of(Mac(), index), testing::UnorderedElementsAre(a, b));
  must(host()->delete_fdb(a));
  EXPECT_THAT(entries_of(Mac(), index), ElementsAre(b));
}

}  // namespace
}  // namespace podwire::test
