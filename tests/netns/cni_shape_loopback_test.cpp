#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>

#include "tests/netns/cni_shape_bench.h"

// A published port by the host's loopback address: what it needs beside the table's elements, and that it
// opens nothing else.

namespace podwire::test {
namespace {

class ShapeLoopback : public ShapeTest {
 protected:
  void SetUp() override {
    ShapeTest::SetUp();
    let_loopback_out(true);
  }
  void TearDown() override { let_loopback_out(false); }

  /// route_localnet for IPv4; for IPv6 a route by which ::1 is also local to the container's device.
  static void let_loopback_out(bool on) {
    for (const std::string dev : {"vp1", "br0"}) {
      set_sysctl(bench().host, "net/ipv4/conf/" + dev + "/route_localnet", on ? "1" : "0");
      ip_in(bench().host,
            std::string("route ") + (on ? "append" : "del") + " local ::1 dev " + dev + " table local\n");
    }
  }
  static IpAddr loopback(Family f) { return ip(f == Family::v4 ? "127.0.0.1" : "::1"); }
};

TEST_F(ShapeLoopback, ReachesARoutedContainer) {
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 8080, bench().pod1);
    bench().add("localnet_ifs", {.key = NftBytes().ifname("vp1")});
    EXPECT_THAT(ask(bench().host, protocol, loopback(f), 8080), HasSubstr("pod1 sees"));
  });
}

TEST_F(ShapeLoopback, ReachesABridgedContainer) {
  // IPv6: with bridge-nf-call-ip6tables=1 the answer is translated back to ::1 on the bridge already, and
  // then dropped on its way up, for nothing from outside may be addressed to ::1.
  bench().bridge_netfilter(false);
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 8081, bench().box1);
    bench().add("localnet_ifs", {.key = NftBytes().ifname("br0")});
    EXPECT_EQ(ask(bench().host, protocol, loopback(f), 8081), sees(bench().box1, bridge_addr(f)));
  });
}

TEST_F(ShapeLoopback, WhatListensOnLoopbackIsStillReached) {
  const Answerer own(bench().host, "host", 80);
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 8080, bench().pod1);
    EXPECT_EQ(ask(bench().host, protocol, loopback(f), 80), "host sees " + loopback(f).str());
  });
}

using Bytes = std::vector<std::uint8_t>;

void put(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}
void put(Bytes& out, const IpAddr& addr) {
  for (const std::byte b : addr.bytes()) out.push_back(std::to_integer<std::uint8_t>(b));
}

/// The Internet checksum of an even number of bytes.
std::uint16_t checksum(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

/// An Ethernet frame to the host's end of a routed link with a UDP datagram of any addresses, as only root in
/// a container can send it.
Bytes frame(const IpAddr& from, const IpAddr& to, std::uint16_t port, std::string text) {
  if (text.size() % 2 != 0) text += ' ';
  const auto length = static_cast<std::uint16_t>(8 + text.size());
  Bytes pseudo;
  put(pseudo, from);
  put(pseudo, to);
  put(pseudo, IPPROTO_UDP, 4);
  put(pseudo, length, 4);
  Bytes udp;
  put(udp, 5353, 2);
  put(udp, port, 2);
  put(udp, length, 2);
  put(udp, 0, 2);
  udp.insert(udp.end(), text.begin(), text.end());
  pseudo.insert(pseudo.end(), udp.begin(), udp.end());
  const std::uint16_t sum = checksum(pseudo);
  udp[6] = static_cast<std::uint8_t>(sum >> 8);
  udp[7] = static_cast<std::uint8_t>(sum & 0xff);

  Bytes header;
  if (from.is_v4()) {
    const auto fill = [&](std::uint16_t check) {
      header.clear();
      put(header, 0x4500, 2);
      put(header, 20U + length, 2);
      put(header, 0, 4);
      put(header, 64 << 8 | IPPROTO_UDP, 2);
      put(header, check, 2);
    };
    fill(0);
    put(header, from);
    put(header, to);
    fill(checksum(header));
  } else {
    put(header, 0x60000000, 4);
    put(header, length, 2);
    put(header, IPPROTO_UDP << 8 | 64, 2);
  }
  put(header, from);
  put(header, to);

  Bytes out{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9};
  put(out, from.is_v4() ? ETH_P_IP : ETH_P_IPV6, 2);
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), udp.begin(), udp.end());
  return out;
}

void inject(const NetNs& ns, const Bytes& bytes) {
  const auto inside = ns.enter();
  ASSERT_TRUE(inside);
  const UniqueFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_ifindex = static_cast<int>(::if_nametoindex("eth0"));
  ASSERT_EQ(
      ::sendto(fd.raw(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&at), sizeof at),
      static_cast<ssize_t>(bytes.size()));
}

TEST_F(ShapeLoopback, AContainerNeitherReachesNorFakesTheHostsLoopback) {
  const auto arrivals = [](Family f, const IpAddr& fake) {
    const UniqueFd sink = bound_in(bench().host, SOCK_DGRAM, IpAddr::any(f), 9000);
    const UniqueFd own = socket_in(bench().host, f, SOCK_DGRAM);
    const IpAddr pod = bench().pod1.addr(f);
    inject(bench().pod1.ns, frame(pod, loopback(f), 9000, "to loopback "));
    inject(bench().pod1.ns, frame(fake, host_addr(f), 9000, "from loopback "));
    inject(bench().pod1.ns, frame(pod, host_addr(f), 9000, "honest"));
    send_text(own.get(), loopback(f), 9000, "end");
    return texts_until(sink.get(), "end");
  };
  EXPECT_THAT(arrivals(Family::v4, ip("127.0.0.2")), ElementsAre("to loopback ", "from loopback ", "honest"))
      << "what route_localnet opens";
  bench().add("localnet_ifs", {.key = NftBytes().ifname("vp1")});
  EXPECT_THAT(arrivals(Family::v4, ip("127.0.0.2")), ElementsAre("honest"));
  // The kernel itself refuses ::1 from outside, whatever the routes say.
  EXPECT_THAT(arrivals(Family::v6, ip("::1")), ElementsAre("honest"));
}

}  // namespace
}  // namespace podwire::test
