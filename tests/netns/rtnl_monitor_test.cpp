#include <poll.h>

#include "kernel/rtnl/monitor.h"
#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {
using kernel::RtnlEvent;
using kernel::RtnlMonitor;
using testing::IsEmpty;

class Monitor : public TwoNamespaces {
 protected:
  void SetUp() override {
    TwoNamespaces::SetUp();
    if (IsSkipped()) return;
    index_ = veth();
    monitor_ = std::make_unique<RtnlMonitor>(must(RtnlMonitor::open(host().ns())));
  }
  /// Reads until an event of the wanted kind satisfies `wanted`; the kernel sends most before a request
  /// returns, some (IPv6 routes) a little later. False after 10 s, which only a failing test waits for.
  template <class T>
  bool sees(bool gone, const std::function<bool(const T&)>& wanted) {
    for (int i = 0; i < 100; ++i) {
      for (const auto& e : must(monitor_->read())) {
        const auto* object = std::get_if<T>(&e.object);
        if (object != nullptr && e.gone == gone && wanted(*object)) return true;
      }
      pollfd p{.fd = monitor_->fd().raw(), .events = POLLIN, .revents = 0};
      ::poll(&p, 1, 100);
    }
    return false;
  }
  int index_ = 0;
  std::unique_ptr<RtnlMonitor> monitor_;
};

TEST_F(Monitor, QuietWhenNothingHappens) {
  while (!must(monitor_->read()).empty()) {
  }
  EXPECT_THAT(must(monitor_->read()), IsEmpty()) << "and it did not block";
}

TEST_F(Monitor, Links) {
  const int made = must(host()->create_plain("ifb", "i0"));
  EXPECT_TRUE(sees<state::Link>(false, [](const auto& l) { return l.name == "i0" && !l.up; }));
  must(host()->change_link(made, {.up = true}));
  EXPECT_TRUE(sees<state::Link>(false, [](const auto& l) { return l.name == "i0" && l.up; }));
  must(host()->delete_link(made));
  EXPECT_TRUE(sees<state::Link>(true, [&](const auto& l) { return l.index == made; }));
}

TEST_F(Monitor, LeavingABridgeIsNotTheEndOfALink) {
  const int bridge = must(host()->create_bridge({.name = "br0"}));
  must(host()->change_link(index_, {.master_index = bridge}));
  EXPECT_TRUE(
      sees<state::Link>(false, [&](const auto& l) { return l.index == index_ && l.master_index == bridge; }));
  must(host()->change_link(index_, {.master_index = 0}));
  must(host()->delete_link(bridge));
  bool bridge_gone = false, veth_gone = false;
  for (int i = 0; i < 100 && !bridge_gone; ++i) {
    for (const auto& e : must(monitor_->read())) {
      const auto* link = std::get_if<state::Link>(&e.object);
      if (link == nullptr || !e.gone) continue;
      bridge_gone |= link->index == bridge;
      veth_gone |= link->index == index_;
    }
  }
  EXPECT_TRUE(bridge_gone);
  EXPECT_FALSE(veth_gone);
}

TEST_F(Monitor, AddressesOfBothFamilies) {
  for (const auto* text : {"10.0.0.1/24", "fd00::1/64"}) {
    const state::Address a{.link_index = index_, .cidr = cidr(text), .no_dad = true};
    const auto same = [&](const state::Address& seen) {
      return seen.cidr == a.cidr && seen.link_index == index_;
    };
    must(host()->add_address(a));
    EXPECT_TRUE(sees<state::Address>(false, same)) << text;
    must(host()->delete_address(a));
    EXPECT_TRUE(sees<state::Address>(true, same)) << text;
  }
}

TEST_F(Monitor, RoutesOfBothFamilies) {
  must(host()->add_address({.link_index = index_, .cidr = cidr("10.0.0.1/24")}));
  for (const auto* text : {"10.9.0.0/16", "fd09::/16"}) {
    const state::Route r{.dst = cidr(text), .link_index = index_};
    const auto same = [&](const state::Route& seen) {
      return seen.dst == r.dst && seen.link_index == index_;
    };
    must(host()->add_route(r));
    EXPECT_TRUE(sees<state::Route>(false, same)) << text;
    must(host()->delete_route(r));
    EXPECT_TRUE(sees<state::Route>(true, same)) << text;
  }
}

TEST_F(Monitor, NeighboursAndForwardingEntries) {
  const state::Neighbour n{.link_index = index_, .addr = addr("fd00::9"), .mac = mac("02:00:00:00:00:aa")};
  must(host()->set_neighbour(n));
  EXPECT_TRUE(sees<state::Neighbour>(false, [&](const auto& seen) { return seen == n; }));

  const int bridge = must(host()->create_bridge({.name = "br0"}));
  must(host()->change_link(index_, {.master_index = bridge}));
  const state::FdbEntry e{
      .link_index = index_, .mac = mac("02:00:00:00:0f:01"), .state = state::NeighbourState::noarp};
  const auto same = [&](const state::FdbEntry& seen) {
    return seen.mac == e.mac && seen.master_index == bridge;
  };
  must(host()->set_fdb(e));
  EXPECT_TRUE(sees<state::FdbEntry>(false, same));
  must(host()->delete_fdb(e));
  EXPECT_TRUE(sees<state::FdbEntry>(true, same));
}

TEST_F(Monitor, OtherNamespacesAreNotSeen) {
  while (!must(monitor_->read()).empty()) {
  }
  must(pod()->create_plain("ifb", "elsewhere"));
  must(host()->create_plain("ifb", "here"));
  bool here = false;
  for (const auto& e : must(monitor_->read())) {
    const auto* link = std::get_if<state::Link>(&e.object);
    if (link == nullptr) continue;
    EXPECT_NE(link->name, "elsewhere");
    here |= link->name == "here";
  }
  EXPECT_TRUE(here);
}

}  // namespace
}  // namespace podwire::test
