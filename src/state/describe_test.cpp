#include <gtest/gtest.h>

#include "state/link.h"
#include "state/neighbour.h"
#include "state/qdisc.h"
#include "state/route.h"

namespace podwire::state {
namespace {

IpAddr ip(const char* t) { return *IpAddr::parse(t); }

TEST(Describe, RouteReadsLikeIpRoute) {
  EXPECT_EQ(describe(Route{.dst = *Cidr::parse("10.244.2.0/24"),
                           .gateway = ip("10.244.2.0"),
                           .link_index = 7,
                           .onlink = true}),
            "10.244.2.0/24 via 10.244.2.0 dev 7 onlink");
  EXPECT_EQ(describe(Route{.dst = Cidr::everything(Family::v4), .gateway = ip("172.17.0.1")}),
            "default via 172.17.0.1");
  EXPECT_EQ(describe(Route{.dst = Cidr::everything(Family::v6), .gateway = ip("fe80::1")}),
            "default (IPv6) via fe80::1");
  EXPECT_EQ(describe(Route{
                .dst = *Cidr::parse("10.0.0.0/8"), .table = 1000, .type = RouteType::blackhole, .metric = 5}),
            "blackhole 10.0.0.0/8 table 1000 metric 5");
}

TEST(Describe, NeighbourAndForwardingEntry) {
  const auto mac = *Mac::parse("0a:58:0a:f4:01:02");
  EXPECT_EQ(describe(Neighbour{.link_index = 2, .addr = ip("fd00::1"), .mac = mac}),
            "fd00::1 dev 2 lladdr 0a:58:0a:f4:01:02 permanent");
  EXPECT_EQ(describe(Neighbour{
                .link_index = 2, .addr = ip("10.0.0.1"), .mac = {}, .state = NeighbourState::failed}),
            "10.0.0.1 dev 2 unresolved failed");
  EXPECT_EQ(describe(Neighbour{.link_index = 2, .addr = ip("10.0.0.1"), .proxy = true}),
            "10.0.0.1 dev 2 proxy");
  EXPECT_EQ(describe(FdbEntry{.link_index = 3, .mac = mac, .remote = ip("192.0.2.2"), .self = true}),
            "0a:58:0a:f4:01:02 dev 3 dst 192.0.2.2 self permanent");
}

TEST(Describe, LinkAndAddressAndShaper) {
  EXPECT_EQ(describe(Link{.index = 2, .name = "eth0", .kind = "veth", .mtu = 1500, .up = true}),
            "eth0 (veth, index 2, 00:00:00:00:00:00, mtu 1500, up)");
  EXPECT_EQ(describe(Address{.link_index = 2, .cidr = *Cidr::parse("10.0.0.5/24")}), "10.0.0.5/24 on link 2");
  EXPECT_EQ(
      describe(Shaper{.link_index = 4, .bucket = {.rate_bytes = 10, .burst_bytes = 20, .limit_bytes = 30}}),
      "tbf on link 4: 10 bytes/s, burst 20 bytes, limit 30 bytes");
}

}  // namespace
}  // namespace podwire::state
