#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <vector>

#include "kernel/rtnl/address_codec.h"
#include "kernel/rtnl/link_codec.h"
#include "kernel/rtnl/neighbour_codec.h"
#include "kernel/rtnl/route_codec.h"

namespace podwire::kernel {
namespace {
using netlink::Message;
using netlink::Messages;
using netlink::Writer;

IpAddr addr(const char* text) { return *IpAddr::parse(text); }
Cidr cidr(const char* text) { return *Cidr::parse(text); }
Mac mac(const char* text) { return *Mac::parse(text); }

Message first(const Writer& w) { return *Messages(w.bytes()).begin(); }

/// Decodes every beginning of the message; each copy lies on the heap, where the address sanitizer sees a
/// read beyond its end. Gives how many bytes were needed before there was a value.
template <class Decode>
std::size_t least_bytes(const Writer& w, Decode decode) {
  const Message whole = first(w);
  std::size_t least = whole.payload().size() + 1;
  for (std::size_t n = whole.payload().size() + 1; n-- > 0;) {
    const std::vector<std::byte> cut(whole.payload().begin(),
                                     whole.payload().begin() + static_cast<std::ptrdiff_t>(n));
    if (decode(Message(whole.header(), cut))) least = n;
  }
  return least;
}

TEST(RouteCodec, WhatIsWrittenIsRead) {
  const state::Route all{.dst = cidr("10.244.2.0/24"),
                         .gateway = addr("10.244.2.1"),
                         .link_index = 7,
                         .source = addr("10.0.0.1"),
                         .table = 1'000'000,
                         .metric = 100,
                         .onlink = true,
                         .mtu = 1450,
                         .advmss = 1410};
  state::Route mixed{.dst = cidr("10.0.0.0/8"), .gateway = addr("fd00::1"), .link_index = 7};
  state::Route v6{.dst = cidr("fd00:2::/64"), .gateway = addr("fe80::1"), .link_index = 7};
  const state::Route nothing{.dst = Cidr::everything(Family::v6), .type = state::RouteType::blackhole};
  for (const auto& r : {all, mixed, v6, nothing}) {
    Writer w;
    put_route(w, RTM_NEWROUTE, 0, r);
    EXPECT_EQ(decode_route(first(w)), r) << describe(r);
    EXPECT_EQ(least_bytes(w, decode_route), sizeof(rtmsg));
  }
}

TEST(RouteCodec, NextHopsThatLie) {
  for (const int length : {0, 4, 7, 8, 9, 200}) {
    Writer w;
    w.message(RTM_NEWROUTE, 0, rtmsg{.rtm_family = AF_INET});
    struct {
      rtnexthop hop;
      std::uint32_t rest;
    } payload{{.rtnh_len = static_cast<unsigned short>(length), .rtnh_ifindex = 5}, 0x00ff'ffff};
    w.put(RTA_MULTIPATH, payload);
    const auto r = decode_route(first(w));
    ASSERT_TRUE(r);
    EXPECT_EQ(r->gateway, std::nullopt);
    EXPECT_EQ(r->link_index, length == 8 || length == 9 ? 5 : 0) << length;
  }
}

TEST(RouteCodec, AddressesOfImpossibleLengthAreNone) {
  Writer w;
  w.message(RTM_NEWROUTE, 0, rtmsg{.rtm_family = AF_INET, .rtm_dst_len = 255});
  w.put(RTA_DST, std::uint16_t{1});
  w.put(RTA_GATEWAY, std::uint64_t{1});
  w.put(RTA_VIA, std::uint16_t{2});
  w.put(RTA_TABLE, std::uint8_t{1});
  const auto r = decode_route(first(w));
  ASSERT_TRUE(r);
  EXPECT_EQ(r->dst, Cidr(IpAddr::any(Family::v4), 32)) << "the length is cut to what the family has";
  EXPECT_EQ(r->gateway, std::nullopt);
}

TEST(RouteCodec, MulticastRoutingIsNotARoute) {
  Writer w;
  w.message(RTM_NEWROUTE, 0, rtmsg{.rtm_family = 128});  // RTNL_FAMILY_IPMR
  EXPECT_EQ(decode_route(first(w)), std::nullopt);
}

TEST(AddressCodec, WhatIsWrittenIsRead) {
  for (const auto* text : {"10.244.1.5/24", "fd00::5/64"}) {
    const state::Address a{.link_index = 3, .cidr = cidr(text), .no_dad = true, .permanent = false};
    Writer w;
    put_address(w, RTM_NEWADDR, 0, a);
    EXPECT_EQ(decode_address(first(w)), a);
    const std::size_t first_address = sizeof(ifaddrmsg) + sizeof(nlattr) + a.cidr.addr().bytes().size();
    EXPECT_EQ(least_bytes(w, decode_address), first_address);
  }
}

TEST(AddressCodec, AnAddressOfAnotherFamilyThanTheHeaderIsNone) {
  Writer w;
  w.message(RTM_NEWADDR, 0, ifaddrmsg{.ifa_family = AF_INET6, .ifa_prefixlen = 24});
  w.put_bytes(IFA_LOCAL, addr("10.0.0.1").bytes());
  EXPECT_EQ(decode_address(first(w)), std::nullopt);
}

TEST(NeighbourCodec, WhatIsWrittenIsRead) {
  const state::Neighbour n{.link_index = 3, .addr = addr("fd00::9"), .mac = mac("02:00:00:00:00:01")};
  Writer w;
  put_neighbour(w, RTM_NEWNEIGH, 0, n);
  EXPECT_EQ(decode_neighbour(first(w)), n);
  EXPECT_EQ(decode_fdb(first(w)), std::nullopt);
  EXPECT_EQ(least_bytes(w, decode_neighbour), sizeof(ndmsg));
}

TEST(NeighbourCodec, ForwardingEntriesToo) {
  const state::FdbEntry e{
      .link_index = 3, .mac = mac("02:00:00:00:00:01"), .remote = addr("192.0.2.2"), .vlan = 7, .self = true};
  Writer w;
  put_fdb(w, RTM_NEWNEIGH, 0, e);
  EXPECT_EQ(decode_fdb(first(w)), e);
  EXPECT_EQ(decode_neighbour(first(w)), std::nullopt);
  EXPECT_EQ(least_bytes(w, decode_fdb), sizeof(ndmsg));
}

TEST(NeighbourCodec, AMacOfAnotherLengthIsNone) {
  Writer w;
  w.message(RTM_NEWNEIGH, 0, ndmsg{.ndm_family = AF_INET, .ndm_state = NUD_REACHABLE});
  w.put(NDA_LLADDR, std::uint64_t{1});  // InfiniBand's are longer
  EXPECT_EQ(decode_neighbour(first(w))->mac, std::nullopt);
}

TEST(LinkCodec, EverythingAtOnce) {
  Writer w;
  w.message(RTM_NEWLINK, 0, ifinfomsg{.ifi_index = 4});
  put_new_link(w, {.name = "vx0", .mac = mac("02:00:00:00:00:01"), .mtu = 1450});
  const state::Vxlan vxlan{.vni = 77, .port = 4789, .local = addr("2001:db8::1"), .underlay_index = 2};
  {
    const auto info = w.nest(IFLA_LINKINFO);
    w.put_string(IFLA_INFO_KIND, "vxlan");
    {
      const auto data = w.nest(IFLA_INFO_DATA);
      put_vxlan(w, vxlan);
    }
    w.put_string(IFLA_INFO_SLAVE_KIND, "bridge");
    const auto port = w.nest(IFLA_INFO_SLAVE_DATA);
    w.put(IFLA_BRPORT_MODE, std::uint8_t{1});
  }
  EXPECT_EQ(decode_link(first(w)), (state::Link{.index = 4,
                                                .name = "vx0",
                                                .kind = "vxlan",
                                                .mac = mac("02:00:00:00:00:01"),
                                                .mtu = 1450,
                                                .port = state::BridgePort{.hairpin = true},
                                                .vxlan = vxlan}));
  EXPECT_EQ(least_bytes(w, decode_link), sizeof(ifinfomsg));
}

TEST(LinkCodec, ABridgesViewOfAPortIsNotALink) {
  Writer w;
  w.message(RTM_DELLINK, 0, ifinfomsg{.ifi_family = AF_BRIDGE, .ifi_index = 4});
  EXPECT_EQ(decode_link(first(w)), std::nullopt);
}

}  // namespace
}  // namespace podwire::kernel
