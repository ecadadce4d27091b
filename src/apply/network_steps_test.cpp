#include "apply/network_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apply/network_testing.h"

namespace podwire::apply {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> words(const state::Network& actual, const state::Network& wanted) {
  std::vector<std::string> out;
  for (const auto& step : network_steps(actual, wanted)) out.push_back(describe(step));
  return out;
}

TEST(NetworkSteps, WhatIsRightIsLeftAlone) { EXPECT_THAT(words(vxlan_to(3), vxlan_to(3)), IsEmpty()); }

TEST(NetworkSteps, ARouteComesLast) {
  EXPECT_THAT(words({}, vxlan_to(1)),
              ElementsAre(StartsWith("make flannel.1"), StartsWith("set 10.244.2.0 dev"),
                          HasSubstr("dst 10.89.0.2"), StartsWith("set 10.244.2.0/24 via 10.244.2.0")));
}

TEST(NetworkSteps, AndGoesFirst) {
  EXPECT_THAT(words(vxlan_to(2), vxlan_to(1)),
              ElementsAre(StartsWith("drop 10.244.3.0/24"), HasSubstr("dst 10.89.0.3"),
                          StartsWith("drop 10.244.3.0 dev")));
  EXPECT_THAT(words(vxlan_to(0), {}), ElementsAre("drop flannel.1"));
}

TEST(NetworkSteps, AChangeTouchesWhatChanged) {
  auto moved = vxlan_to(2);
  moved.fdb.begin()->second.object.remote = IpAddr::parse("10.89.0.77").value();
  EXPECT_THAT(words(vxlan_to(2), moved), ElementsAre(HasSubstr("dst 10.89.0.77")));
  auto smaller = vxlan_to(2);
  smaller.tunnels.begin()->second.mtu = 1400;
  EXPECT_THAT(words(vxlan_to(2), smaller), ElementsAre(StartsWith("change flannel.1")));
}

TEST(NetworkSteps, WithAMacGoNeighbours) {
  auto other = vxlan_to(1);
  other.tunnels.begin()->second.mac = Mac::derived_from("other");
  EXPECT_THAT(words(vxlan_to(1), other),
              ElementsAre(StartsWith("change flannel.1"), StartsWith("set 10.244.2.0 dev")));
}

TEST(NetworkSteps, WithATunnelGoesWhatLiesOnIt) {
  auto other = vxlan_to(1);
  other.tunnels.begin()->second.port = 4789;
  EXPECT_THAT(words(vxlan_to(1), other),
              ElementsAre("drop flannel.1", StartsWith("make flannel.1"), StartsWith("set 10.244.2.0 dev"),
                          HasSubstr("dst 10.89.0.2"), StartsWith("set 10.244.2.0/24")));
}

TEST(NetworkSteps, FromVxlanToPlainRoutesNothingIsInterrupted) {
  auto plain = vxlan_to(1);
  plain.tunnels.clear();
  plain.neighbours.clear();
  plain.fdb.clear();
  for (auto& [to, route] : plain.routes) route.link = "eth0";
  EXPECT_THAT(words(vxlan_to(1), plain),
              ElementsAre(StartsWith("set 10.244.2.0/24"), HasSubstr("dst 10.89.0.2"),
                          StartsWith("drop 10.244.2.0 dev"), "drop flannel.1"));
}

}  // namespace
}  // namespace podwire::apply
