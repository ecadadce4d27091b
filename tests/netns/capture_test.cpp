#include "kernel/capture/capture.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <net/ethernet.h>
#include <net/if.h>

#include <algorithm>
#include <chrono>

#include "tests/netns/traffic.h"

namespace podwire::test {
namespace {

using kernel::Capture;
using kernel::CapturedFrame;

/// a.eth0 (192.0.2.1) -- b.eth0 (192.0.2.2), both families, addresses usable at once.
struct Wire {
  NetNs a = new_netns(), b = new_netns();
  Wire() {
    ip_in(a, "link add eth0 type veth peer name eth0 netns " + path_of(b) +
                 "\naddr add 192.0.2.1/24 dev eth0\naddr add fd00::1/64 dev eth0 nodad\nlink set eth0 up\n");
    ip_in(b, "addr add 192.0.2.2/24 dev eth0\naddr add fd00::2/64 dev eth0 nodad\nlink set eth0 up\n");
  }
};

int index_in(const NetNs& ns, const char* link) {
  const auto inside = ns.enter();
  return inside ? static_cast<int>(::if_nametoindex(link)) : 0;
}

Capture capture_on(const NetNs& ns, const char* link) {
  auto capture = Capture::open(ns, index_in(ns, link));
  if (!capture) throw std::runtime_error(capture.error().message());
  return std::move(*capture);
}

bool holds(const CapturedFrame& frame, std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return !std::ranges::search(frame.bytes, bytes).empty();
}

enum class Direction { in, out };

/// The frames with this text, read until there are `count` of them or patience ends. (The direction matters:
/// an ICMP error repeats the text.)
std::vector<CapturedFrame> frames_with(Capture& capture, Direction direction, std::string_view text,
                                       std::size_t count) {
  std::vector<CapturedFrame> out;
  while (out.size() < count && readable(capture.fd(), kPatience)) {
    auto frames = capture.read();
    EXPECT_TRUE(frames) << frames.error().message();
    if (!frames) break;
    for (auto& f : *frames)
      if (f.outgoing == (direction == Direction::out) && holds(f, text)) out.push_back(std::move(f));
  }
  return out;
}

std::uint16_t ether_type(const CapturedFrame& f) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(f.bytes[12]) << 8 |
                                    std::to_integer<unsigned>(f.bytes[13]));
}

TEST(Capture, SeesBothDirectionsOfBothFamilies) {
  Wire wire;
  Capture at_a = capture_on(wire.a, "eth0"), at_b = capture_on(wire.b, "eth0");
  const Answerer answerer(wire.b, "bee", 9000);
  for (const char* to : {"192.0.2.2", "fd00::2"}) {
    const IpAddr addr = *IpAddr::parse(to);
    EXPECT_THAT(ask(wire.a, IPPROTO_UDP, addr, 9000), ::testing::StartsWith("bee sees"));
    const auto in = frames_with(at_a, Direction::in, "bee sees", 1);
    const auto out = frames_with(at_b, Direction::out, "bee sees", 1);
    ASSERT_EQ(in.size(), 1u);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(in[0].bytes, out[0].bytes) << "a veth changes nothing";
    EXPECT_EQ(ether_type(in[0]), addr.is_v4() ? ETHERTYPE_IP : ETHERTYPE_IPV6);
    EXPECT_EQ(in[0].original_length, in[0].bytes.size());
    EXPECT_EQ(in[0].link_index, index_in(wire.a, "eth0"));
  }
}

TEST(Capture, FramesCarryTheKernelsTimeInOrder) {
  Wire wire;
  Capture capture = capture_on(wire.a, "eth0");
  const auto now = [] { return std::chrono::system_clock::now().time_since_epoch(); };
  const UniqueFd udp = socket_in(wire.a, Family::v4, SOCK_DGRAM);
  const auto before = now();
  for (const char* text : {"frame 1", "frame 2", "frame 3"})
    send_text(udp.get(), *IpAddr::parse("192.0.2.2"), 9, text);
  const auto frames = frames_with(capture, Direction::out, "frame ", 3);
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_LE(before, frames[0].time);
  EXPECT_LE(frames[0].time, frames[1].time);
  EXPECT_LE(frames[1].time, frames[2].time);
  EXPECT_LE(frames[2].time, now());
  EXPECT_TRUE(holds(frames[0], "frame 1"));
  EXPECT_TRUE(holds(frames[2], "frame 3"));
}

TEST(Capture, SeesItsOwnDeviceOnly) {
  Wire wire;
  ip_in(wire.a,
        "link add other type veth peer name far\nlink set far up\naddr add 198.51.100.1/24 dev other\nlink "
        "set other up\n");
  Capture capture = capture_on(wire.a, "eth0");
  const UniqueFd udp = socket_in(wire.a, Family::v4, SOCK_DGRAM);
  send_text(udp.get(), *IpAddr::parse("198.51.100.2"), 9, "text to another device");
  send_text(udp.get(), *IpAddr::parse("192.0.2.2"), 9, "text to this device");
  const auto frames = frames_with(capture, Direction::out, "text to", 1);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE(holds(frames[0], "text to this device"));
}

TEST(Capture, NothingWaitingIsNoError) {
  Wire wire;
  Capture capture = capture_on(wire.a, "lo");
  const auto frames = capture.read();
  ASSERT_TRUE(frames) << frames.error().message();
  EXPECT_TRUE(frames->empty());
  EXPECT_EQ(*capture.dropped(), 0u);
}

TEST(Capture, CountsWhatTheKernelDropped) {
  Wire wire;
  const Answerer answerer(wire.b, "bee", 9000);
  ask(wire.a, IPPROTO_UDP, *IpAddr::parse("192.0.2.2"),
      9000);  // the neighbour is known: nothing waits for ARP
  Capture capture = capture_on(wire.a, "eth0");
  const UniqueFd udp = socket_in(wire.a, Family::v4, SOCK_DGRAM);
  const std::string payload(1400, 'x');
  constexpr unsigned kSent = 20'000;  // some 40 MiB with the kernel's overhead: more than any buffer of ours
  for (unsigned i = 0; i < kSent; ++i) send_text(udp.get(), *IpAddr::parse("192.0.2.2"), 9, payload);
  const auto dropped = capture.dropped();
  ASSERT_TRUE(dropped);
  EXPECT_GT(*dropped, 0u);
  std::size_t seen = 0;
  for (;;) {
    const auto frames = capture.read();
    ASSERT_TRUE(frames);
    if (frames->empty()) break;
    seen += static_cast<std::size_t>(
        std::ranges::count_if(*frames, [&](const auto& f) { return holds(f, payload); }));
  }
  EXPECT_GT(seen, 0u);
  EXPECT_LE(seen + *dropped, kSent + 1000u);
  EXPECT_GE(seen + *dropped, kSent);
  EXPECT_EQ(*capture.dropped(), 0u) << "counted from the last call on";
}

TEST(Capture, GoesOnWhenItsDeviceGoesDown) {
  Wire wire;
  Capture capture = capture_on(wire.a, "eth0");
  ip_in(wire.a, "link set eth0 down\n");
  const auto frames = capture.read();
  EXPECT_TRUE(frames) << frames.error().message();
  ip_in(wire.a, "link set eth0 up\n");
  const UniqueFd udp = socket_in(wire.a, Family::v4, SOCK_DGRAM);
  send_text(udp.get(), *IpAddr::parse("192.0.2.2"), 9, "up again");
  EXPECT_EQ(frames_with(capture, Direction::out, "up again", 1).size(), 1u);
}

TEST(Capture, ADeviceThatIsNotThereIsNamed) {
  const NetNs ns = new_netns();
  const auto capture = Capture::open(ns, 4711);
  ASSERT_FALSE(capture);
  EXPECT_EQ(capture.error().sys_errno, ENODEV);
  EXPECT_EQ(capture.error().object, "link 4711");
}

}  // namespace
}  // namespace podwire::test
