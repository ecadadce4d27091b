#include <net/if.h>

#include "kernel/capture/capture.h"
#include "tests/netns/cni_shape_bench.h"

// SCTP is published like TCP and UDP. The kernel may come without SCTP sockets (translation does not need
// them), so the first packet of an association is made by hand and seen where it arrives.

namespace podwire::test {
namespace {

class ShapeSctp : public ShapeTest {};

constexpr std::uint16_t kPublished = 8080;

std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t b : bytes) {
    crc ^= b;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78U : 0);
  }
  return ~crc;
}

/// Common header (ports, verification tag 0, checksum) and an INIT chunk.
std::vector<std::uint8_t> init_packet(std::uint16_t from, std::uint16_t to) {
  std::vector<std::uint8_t> p;
  const auto put = [&p](std::uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) p.push_back(static_cast<std::uint8_t>(value >> 8 * i));
  };
  put(from, 2);
  put(to, 2);
  put(0, 4);           // verification tag
  put(0, 4);           // checksum, below
  put(1, 1);           // INIT
  put(0, 1);           // flags
  put(20, 2);          // chunk length
  put(0x12345678, 4);  // initiate tag
  put(65536, 4);       // receiver window
  put(1, 2);           // streams out
  put(1, 2);           // streams in
  put(1, 4);           // first TSN
  const std::uint32_t crc = crc32c(p);
  std::memcpy(p.data() + 8, &crc, sizeof crc);  // little-endian on the wire
  return p;
}

/// The destination address and port of an SCTP packet in an Ethernet frame; nullopt when it is none.
std::optional<std::pair<IpAddr, std::uint16_t>> sctp_destination(const std::vector<std::byte>& frame,
                                                                 Family f) {
  const std::size_t protocol = f == Family::v4 ? 14 + 9 : 14 + 6,
                    address = f == Family::v4 ? 14 + 16 : 14 + 24;
  const std::size_t sctp = f == Family::v4 ? 14 + 20 : 14 + 40, width = address_bits(f) / 8;
  if (frame.size() < sctp + 4 || std::to_integer<int>(frame[protocol]) != IPPROTO_SCTP) return std::nullopt;
  const auto port =
      std::to_integer<unsigned>(frame[sctp + 2]) << 8 | std::to_integer<unsigned>(frame[sctp + 3]);
  return std::pair{*IpAddr::from_bytes(std::span(frame).subspan(address, width)),
                   static_cast<std::uint16_t>(port)};
}

TEST_F(ShapeSctp, TheFirstPacketArrivesAtTheContainersPort) {
  const auto eth0 = [] {
    const auto inside = bench().pod1.ns.enter();
    return inside ? static_cast<int>(::if_nametoindex("eth0")) : 0;
  }();
  auto capture = kernel::Capture::open(bench().pod1.ns, eth0);
  ASSERT_TRUE(capture) << capture.error().message();
  for (const Family f : {Family::v4, Family::v6}) {
    SCOPED_TRACE(name_of(f));
    bench().publish(f, IPPROTO_SCTP, kPublished, bench().pod1);
    const auto inside = bench().client.ns.enter();
    ASSERT_TRUE(inside);
    const UniqueFd raw(::socket(static_cast<int>(f), SOCK_RAW | SOCK_CLOEXEC, IPPROTO_SCTP));
    ASSERT_TRUE(raw) << std::strerror(errno);
    const auto packet = init_packet(40000, kPublished);
    const SocketAddress to(host_addr(f), 0);
    ASSERT_EQ(::sendto(raw.raw(), packet.data(), packet.size(), 0, to.raw(), to.size),
              static_cast<ssize_t>(packet.size()))
        << std::strerror(errno);
    std::optional<std::pair<IpAddr, std::uint16_t>> arrived;
    while (!arrived && readable(capture->fd(), kPatience)) {
      const auto frames = capture->read();
      ASSERT_TRUE(frames);
      for (const auto& frame : *frames)
        if (auto to_whom = sctp_destination(frame.bytes, f); to_whom && !frame.outgoing) arrived = to_whom;
    }
    ASSERT_TRUE(arrived) << "no SCTP packet reached the container";
    EXPECT_EQ(arrived->first, bench().pod1.addr(f));
    EXPECT_EQ(arrived->second, 80);
  }
}

}  // namespace
}  // namespace podwire::test
