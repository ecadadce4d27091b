#include "trace/packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "trace/summary.h"
#include "trace/test_frames.h"

namespace podwire::trace {
namespace {

using testing::ElementsAre;

Packet decoded(std::string_view hex) { return decode(from_hex(hex)); }

std::vector<LayerKind> kinds(const Packet& packet) {
  std::vector<LayerKind> out;
  for (const auto& layer : packet.layers) out.push_back(layer.kind);
  return out;
}

/// Layers follow each other without a gap and end where the frame ends.
void expect_covered(const Packet& packet) {
  std::size_t at = 0;
  for (const auto& layer : packet.layers) {
    EXPECT_EQ(layer.offset, at);
    at += layer.length;
  }
  EXPECT_EQ(at, packet.bytes.size());
}

TEST(Decode, EchoRequest) {
  const auto packet = decoded(kPing);
  EXPECT_THAT(kinds(packet),
              ElementsAre(LayerKind::ethernet, LayerKind::ipv4, LayerKind::icmp, LayerKind::data));
  expect_covered(packet);
  const auto& ethernet = *packet.outer<Ethernet>();
  EXPECT_EQ(ethernet.src.str(), "02:00:00:00:00:0a");
  EXPECT_EQ(ethernet.dst.str(), "02:00:00:00:01:0a");
  const auto& ip = *packet.outer<Ipv4>();
  EXPECT_EQ(ip.src.str(), "10.88.0.2");
  EXPECT_EQ(ip.dst.str(), "10.89.0.2");
  EXPECT_EQ(ip.ttl, 64);
  EXPECT_EQ(ip.protocol, 1);
  EXPECT_EQ(ip.total_length, 84);
  EXPECT_EQ(ip.id, 0x9d1b);
  EXPECT_TRUE(ip.dont_fragment);
  EXPECT_EQ(ip.verdict, Checksum::good);
  const auto& icmp = *packet.outer<Icmp>();
  EXPECT_EQ(icmp.type, 8);
  EXPECT_EQ(icmp.seq, 1);
  EXPECT_EQ(icmp.verdict, Checksum::good);
  EXPECT_EQ(packet.layers[3].length, 56u);
}

TEST(Decode, UdpWithAChecksumLeftToHardware) {
  const auto packet = decoded(kUdp);
  const auto& udp = *packet.outer<Udp>();
  EXPECT_EQ(udp.src_port, 4000);
  EXPECT_EQ(udp.dst_port, 5353);
  EXPECT_EQ(udp.length, 21);
  EXPECT_EQ(udp.verdict, Checksum::partial);
}

TEST(Decode, UdpChecksumsOfAllKinds) {
  const auto verdict_with = [](std::uint8_t high, std::uint8_t low) {
    auto bytes = from_hex(kUdp);
    bytes[40] = std::byte{high};
    bytes[41] = std::byte{low};
    return decode(bytes).outer<Udp>()->verdict;
  };
  EXPECT_EQ(verdict_with(0x82, 0x73), Checksum::good);
  EXPECT_EQ(verdict_with(0x82, 0x72), Checksum::bad);
  EXPECT_EQ(verdict_with(0, 0), Checksum::none);
}

TEST(Decode, TcpSyn) {
  const auto packet = decoded(kSyn);
  EXPECT_THAT(kinds(packet), ElementsAre(LayerKind::ethernet, LayerKind::ipv4, LayerKind::tcp));
  const auto& tcp = *packet.outer<Tcp>();
  EXPECT_EQ(tcp.dst_port, 80);
  EXPECT_EQ(tcp.flags, Tcp::kSyn);
  EXPECT_EQ(tcp.seq, 0x3cf3b478u);
  EXPECT_EQ(packet.layers[2].length, 40u) << "options are part of the header";
  EXPECT_EQ(tcp.verdict, Checksum::partial);
  EXPECT_EQ(decoded(kReset).outer<Tcp>()->flags, Tcp::kRst | Tcp::kAck);
}

TEST(Decode, Ipv6) {
  const auto packet = decoded(kPing6);
  EXPECT_THAT(kinds(packet),
              ElementsAre(LayerKind::ethernet, LayerKind::ipv6, LayerKind::icmpv6, LayerKind::data));
  const auto& ip = *packet.outer<Ipv6>();
  EXPECT_EQ(ip.src.str(), "2001:db8:a::2");
  EXPECT_EQ(ip.hop_limit, 64);
  EXPECT_EQ(ip.flow_label, 0x6464cu);
  EXPECT_EQ(packet.outer<Icmp>()->verdict, Checksum::good);
}

TEST(Decode, Ipv6ExtensionHeadersBelongToTheIpv6Layer) {
  const auto packet = decoded(kListenerReport);
  ASSERT_EQ(packet.layers.size(), 4u);
  EXPECT_EQ(packet.layers[1].length, 48u);
  EXPECT_EQ(packet.outer<Ipv6>()->protocol, 58);
  EXPECT_EQ(packet.outer<Icmp>()->type, 143);
  EXPECT_EQ(packet.outer<Icmp>()->verdict, Checksum::good);
}

TEST(Decode, VxlanHasAFrameInside) {
  const auto packet = decoded(kVxlanUdp);
  EXPECT_THAT(kinds(packet),
              ElementsAre(LayerKind::ethernet, LayerKind::ipv4, LayerKind::udp, LayerKind::vxlan,
                          LayerKind::ethernet, LayerKind::ipv4, LayerKind::udp, LayerKind::data));
  expect_covered(packet);
  EXPECT_EQ(packet.outer<Vxlan>()->vni, 1u);
  EXPECT_EQ(packet.outer<Ipv4>()->dst.str(), "10.89.0.2");
  EXPECT_EQ(packet.inner<Ipv4>()->dst.str(), "10.244.1.1");
  EXPECT_EQ(packet.inner<Udp>()->verdict, Checksum::partial);
  EXPECT_EQ(packet.outer<Udp>()->verdict, Checksum::good) << "right once the inner one is complete";
}

TEST(Decode, ArpInVxlan) {
  const auto packet = decoded(kVxlanArp);
  const auto* arp = packet.outer<Arp>();
  ASSERT_NE(arp, nullptr);
  EXPECT_EQ(arp->op, 1);
  EXPECT_EQ(arp->sender_mac.str(), "02:00:00:00:02:0a");
  EXPECT_EQ(arp->target_ip.str(), "10.244.1.1");
  EXPECT_TRUE(packet.inner<Ethernet>()->dst.is_multicast());
}

TEST(Decode, BytesAfterThePacketArePadding) {
  auto bytes = from_hex(kUdp);
  bytes.resize(60);
  const auto packet = decode(bytes);
  EXPECT_EQ(packet.layers.back().kind, LayerKind::padding);
  EXPECT_EQ(packet.layers.back().length, 5u);
  EXPECT_EQ(packet.layers[3].length, 13u) << "the data is as long as the UDP header says";
  EXPECT_EQ(packet.outer<Udp>()->verdict, Checksum::partial) << "and so is what the checksum is taken of";
}

TEST(Decode, AVlanTagIsPartOfTheEthernetHeader) {
  auto bytes = from_hex(kPing);
  const auto tag = from_hex("81 00 20 05");
  bytes.insert(bytes.begin() + 12, tag.begin(), tag.end());
  const auto packet = decode(bytes);
  EXPECT_EQ(packet.outer<Ethernet>()->vlan, 5);
  EXPECT_EQ(packet.layers[0].length, 18u);
  EXPECT_EQ(packet.outer<Icmp>()->verdict, Checksum::good);
}

TEST(Decode, FragmentsHaveNoChecksumToTake) {
  auto bytes = from_hex(kUdp);
  bytes[20] = std::byte{0x20};  // more fragments
  EXPECT_EQ(decode(bytes).outer<Udp>()->verdict, Checksum::unknown);
  bytes[21] = std::byte{1};  // at byte 8: the middle of something
  const auto later = decode(bytes);
  EXPECT_THAT(kinds(later), ElementsAre(LayerKind::ethernet, LayerKind::ipv4, LayerKind::data));
  EXPECT_EQ(later.outer<Ipv4>()->fragment_offset, 8);
}

TEST(Decode, ACutCaptureSaysSo) {
  const auto bytes = from_hex(kUdp);
  const auto in_data = decode(std::span(bytes).first(50), bytes.size());
  EXPECT_TRUE(in_data.layers.back().truncated);
  EXPECT_EQ(in_data.outer<Udp>()->verdict, Checksum::unknown);
  const auto in_udp = decode(std::span(bytes).first(38), bytes.size());
  EXPECT_EQ(in_udp.layers.back().kind, LayerKind::udp);
  EXPECT_TRUE(in_udp.layers.back().truncated);
  EXPECT_EQ(in_udp.outer<Udp>(), nullptr) << "a cut header has no fields";
}

TEST(Decode, EveryPrefixIsCoveredAndOnlyItsLastLayerIsCut) {
  for (const auto hex :
       {kPing, kUdp, kSyn, kPing6, kListenerReport, kVxlanArp, kVxlanUdp, kPortUnreachable}) {
    const auto bytes = from_hex(hex);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      const auto packet = decode(std::span(bytes).first(n), bytes.size());
      expect_covered(packet);
      for (std::size_t i = 0; i + 1 < packet.layers.size(); ++i) EXPECT_FALSE(packet.layers[i].truncated);
      EXPECT_FALSE(summary(packet).empty());
    }
  }
}

/// Bytes turned at random in real frames: whatever comes out, it covers the frame.
TEST(Decode, DamagedFramesAreStillCovered) {
  std::mt19937 random(1);
  for (const auto hex :
       {kPing, kUdp, kSyn, kPing6, kListenerReport, kVxlanArp, kVxlanUdp, kPortUnreachable}) {
    const auto whole = from_hex(hex);
    for (int i = 0; i < 2000; ++i) {
      auto bytes = whole;
      for (int k = 0; k < 3; ++k) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      const auto packet = decode(bytes);
      expect_covered(packet);
      ASSERT_FALSE(summary(packet).empty());
    }
  }
}

TEST(Decode, WhatIsNotUnderstoodIsData) {
  auto bytes = from_hex(kPing);
  bytes[12] = std::byte{0x88};
  EXPECT_THAT(kinds(decode(bytes)), ElementsAre(LayerKind::ethernet, LayerKind::data));
  bytes = from_hex(kPing);
  bytes[14] = std::byte{0x43};  // an IPv4 header cannot have 12 bytes
  EXPECT_THAT(kinds(decode(bytes)), ElementsAre(LayerKind::ethernet, LayerKind::data));
  bytes = from_hex(kVxlanArp);
  bytes[42] = std::byte{0};  // no VNI
  EXPECT_THAT(kinds(decode(bytes)),
              ElementsAre(LayerKind::ethernet, LayerKind::ipv4, LayerKind::udp, LayerKind::data));
  EXPECT_TRUE(decode({}).layers.front().truncated);
}

TEST(Decode, APacketAbove64KiBHasLengthNought) {
  auto bytes = from_hex(kSyn);
  bytes[16] = bytes[17] = std::byte{0};
  EXPECT_EQ(decode(bytes).layers.back().length, 40u);
}

TEST(Summary, OneLineEach) {
  EXPECT_EQ(summary(decoded(kPing)), "ICMP echo request id 23784 seq 1 10.88.0.2 to 10.89.0.2, TTL 64");
  EXPECT_EQ(summary(decoded(kUdp)), "UDP 10.88.0.2:4000 to 10.89.0.2:5353, 13 bytes of data, TTL 64");
  EXPECT_EQ(summary(decoded(kPortUnreachable)),
            "ICMP destination unreachable: port 10.89.0.2 to 10.88.0.2, TTL 63");
  EXPECT_EQ(summary(decoded(kSyn)), "TCP 10.88.0.2:33886 to 10.89.0.2:80 SYN, 0 bytes of data, TTL 64");
  EXPECT_EQ(summary(decoded(kPing6)),
            "ICMPv6 echo request id 23785 seq 1 2001:db8:a::2 to 2001:db8:b::2, hop limit 64");
  EXPECT_EQ(summary(decoded(kNeighbourSolicitation)),
            "ICMPv6 neighbour solicitation 2001:db8:a::2 to ff02::1:ff00:1, hop limit 255");
  EXPECT_EQ(summary(decoded(kVxlanArp)),
            "VXLAN 1 from 10.88.0.2 to 10.89.0.2 round ARP request: who has 10.244.1.1, asks 10.88.0.2");
  EXPECT_EQ(summary(decoded(kVxlanUdp)),
            "VXLAN 1 from 10.88.0.2 to 10.89.0.2 round UDP 10.88.0.2:4000 to "
            "10.244.1.1:5353, 13 bytes of data, TTL 64");
  const auto bytes = from_hex(kUdp);
  EXPECT_EQ(summary(decode(std::span(bytes).first(38), bytes.size())),
            "UDP 10.88.0.2 to 10.89.0.2, TTL 64, cut off in the UDP header");
}

}  // namespace
}  // namespace podwire::trace
