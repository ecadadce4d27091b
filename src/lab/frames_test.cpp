#include "lab/frames.h"

#include <gtest/gtest.h>

#include "trace/test_frames.h"

namespace podwire::lab {
namespace {

IpAddr ip(const char* text) { return *IpAddr::parse(text); }
trace::Packet packet(std::string_view hex) { return trace::decode(trace::from_hex(hex)); }

const IpAddr kA = ip("10.88.0.2"), kB = ip("10.89.0.2");

TEST(Frames, EchoRequestsOfBothFamilies) {
  EXPECT_TRUE(echo_request(kA, kB)(packet(trace::kPing)));
  EXPECT_FALSE(echo_request(kB, kA)(packet(trace::kPing)));
  EXPECT_FALSE(echo_reply(kA, kB)(packet(trace::kPing)));
  EXPECT_TRUE(echo_request(ip("2001:db8:a::2"), ip("2001:db8:b::2"))(packet(trace::kPing6)));
  EXPECT_FALSE(echo_request(kB, kA)(packet(trace::kPortUnreachable))) << "ICMP too, but another type";
}

TEST(Frames, Arp) {
  // "Who has 10.88.0.1? Tell 10.88.0.2", and the answer.
  const auto request = packet(
      "ffffffffffff 02000000000a 0806 0001 0800 06 04 0001 02000000000a 0a580002 000000000000 0a580001");
  const auto reply = packet(
      "02000000000a 02000000010a 0806 0001 0800 06 04 0002 02000000010a 0a580001 02000000000a 0a580002");
  EXPECT_TRUE(arp_request(ip("10.88.0.1"))(request));
  EXPECT_FALSE(arp_request(kA)(request)) << "that is who asks";
  EXPECT_FALSE(arp_reply(ip("10.88.0.1"))(request));
  EXPECT_TRUE(arp_reply(ip("10.88.0.1"))(reply));
  EXPECT_TRUE(about(ip("10.88.0.1"))(request));
  EXPECT_TRUE(about(kA)(request));
  EXPECT_FALSE(about(kB)(request));
}

TEST(Frames, ConnectionsByPortAndByNumber) {
  EXPECT_TRUE(tcp_syn(80)(packet(trace::kSyn)));
  EXPECT_FALSE(tcp_syn(8080)(packet(trace::kSyn)));
  EXPECT_TRUE(tcp_syn_numbered(0x3cf3b478)(packet(trace::kSyn)));
  EXPECT_FALSE(tcp_syn_numbered(1)(packet(trace::kSyn)));
  EXPECT_FALSE(tcp_syn(33886)(packet(trace::kReset))) << "no SYN";
}

TEST(Frames, DatagramsAndAddresses) {
  EXPECT_TRUE(udp_to_port(5353)(packet(trace::kUdp)));
  EXPECT_FALSE(udp_to_port(4000)(packet(trace::kUdp))) << "that is the source";
  EXPECT_FALSE(udp_to_port(80)(packet(trace::kSyn)));
  EXPECT_TRUE(about(kA)(packet(trace::kUdp)));
  EXPECT_TRUE(about(kB)(packet(trace::kUdp)));
  EXPECT_FALSE(about(ip("10.88.0.1"))(packet(trace::kUdp)));
}

}  // namespace
}  // namespace podwire::lab
