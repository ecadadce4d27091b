#include "apply/network_contradiction.h"

#include <gtest/gtest.h>

#include "apply/network_testing.h"

namespace podwire::apply {
namespace {

IpAddr ip(const std::string& text) { return IpAddr::parse(text).value(); }

class Contradiction : public testing::Test {
 protected:
  [[nodiscard]] bool by(const kernel::RtnlEvent& event) const { return contradicts(known_, links_, event); }

  const state::Network known_ = vxlan_to(1);
  const LinkNames links_{{2, "eth0"}, {7, "flannel.1"}};
  const Mac peer_ = Mac::derived_from("2");
  const state::Route route_{.dst = Cidr(ip("10.244.2.0"), 24),
                            .gateway = ip("10.244.2.0"),
                            .link_index = 7,
                            .protocol = state::RouteProtocol::podwire_agent,
                            .onlink = true};
  const state::Link tunnel_{.index = 7,
                            .name = "flannel.1",
                            .kind = "vxlan",
                            .mac = Mac::derived_from("self"),
                            .mtu = 1450,
                            .up = true};
};

TEST_F(Contradiction, OurOwnChangesAreNone) {
  EXPECT_FALSE(by({route_}));
  EXPECT_FALSE(by({tunnel_}));
  EXPECT_FALSE(by({state::Neighbour{.link_index = 7, .addr = ip("10.244.2.0"), .mac = peer_}}));
  EXPECT_FALSE(by({state::FdbEntry{.link_index = 7, .mac = peer_, .remote = ip("10.89.0.2"), .self = true}}));
  EXPECT_FALSE(by({state::Address{.link_index = 7, .cidr = Cidr::host(ip("10.244.1.0"))}}));
  auto old = route_;
  old.dst = Cidr(ip("10.244.9.0"), 24);
  EXPECT_FALSE(by({old, true})) << "what we have taken away";
}

TEST_F(Contradiction, WhatOthersTakeAway) {
  EXPECT_TRUE(by({route_, true}));
  EXPECT_TRUE(by({tunnel_, true}));
  EXPECT_TRUE(by({state::Neighbour{.link_index = 7, .addr = ip("10.244.2.0"), .mac = peer_}, true}));
  EXPECT_TRUE(by({state::FdbEntry{.link_index = 7, .mac = peer_, .remote = ip("10.89.0.2")}, true}));
  EXPECT_TRUE(by({state::Address{.link_index = 7, .cidr = Cidr::host(ip("10.244.1.0"))}, true}));
}

TEST_F(Contradiction, WhatOthersChange) {
  auto route = route_;
  route.protocol = state::RouteProtocol::static_;
  EXPECT_TRUE(by({route}));
  EXPECT_TRUE(by({state::Route{.dst = route_.dst, .type = state::RouteType::blackhole}}));
  auto down = tunnel_;
  down.up = false;
  EXPECT_TRUE(by({down}));
  auto another = tunnel_;
  another.index = 9;
  EXPECT_TRUE(by({another})) << "deleted and made again";
  EXPECT_TRUE(by({state::FdbEntry{.link_index = 7, .mac = peer_, .remote = ip("10.89.0.9")}}));
  EXPECT_TRUE(by({state::Neighbour{
      .link_index = 7, .addr = ip("10.244.2.0"), .mac = peer_, .state = state::NeighbourState::stale}}));
  EXPECT_TRUE(by({state::Link{.index = 2, .name = "eth0"}})) << "routes go with it without a word";
}

TEST_F(Contradiction, WhatIsNotOurs) {
  EXPECT_FALSE(by({state::Link{.index = 12, .name = "veth1"}}));
  EXPECT_FALSE(by({state::Neighbour{.link_index = 12, .addr = ip("10.244.1.5")}}));
  EXPECT_FALSE(by({state::Route{.dst = Cidr::host(ip("10.244.1.5")), .link_index = 12}}));
  EXPECT_FALSE(by({state::Address{.link_index = 2, .cidr = Cidr::host(ip("192.0.2.1"))}}));
  auto local = route_;
  local.table = 255;
  EXPECT_FALSE(by({local, true}));
}

}  // namespace
}  // namespace podwire::apply
