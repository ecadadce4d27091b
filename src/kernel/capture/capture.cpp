#include "kernel/capture/capture.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>

namespace podwire::kernel {
namespace {

constexpr std::size_t kLargestFrame = 65535 + 64;  // a GSO frame is one packet of 64 KiB, with its headers
constexpr std::size_t kFramesAtOnce = 4096;        // a flood must not keep read() for ever
constexpr int kBuffer = 4 << 20;                   // for bursts; unprivileged limits may make it less

std::unexpected<Error> failed(std::string_view what, int link_index) {
  return fail(what, "link " + std::to_string(link_index), errno);
}

std::chrono::nanoseconds as_nanoseconds(const timespec& t) {
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

/// The kernel's timestamp among the control messages of a frame.
std::chrono::nanoseconds time_of(msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS) continue;
    timespec t{};
    std::memcpy(&t, CMSG_DATA(c), sizeof t);
    return as_nanoseconds(t);
  }
  return {};
}

}  // namespace

Result<Capture> Capture::open(const NetNs& netns, int link_index) {
  const auto inside = TRY(netns.enter());
  // Protocol 0: nothing arrives before bind() says which device, so no frame of another one slips in.
  UniqueFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failed("open capture on", link_index);
  const int on = 1;
  if (::setsockopt(fd.raw(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
    return failed("ask for timestamps on", link_index);
  if (::setsockopt(fd.raw(), SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer) != 0)
    ::setsockopt(fd.raw(), SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_protocol = htons(ETH_P_ALL);
  at.sll_ifindex = link_index;
  if (::bind(fd.raw(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    return failed("capture on", link_index);
  return Capture(std::move(fd));
}

Result<std::vector<CapturedFrame>> Capture::read() {
  std::vector<CapturedFrame> frames;
  std::vector<std::byte> buffer(kLargestFrame);
  while (frames.size() < kFramesAtOnce) {
    sockaddr_ll from{};
    iovec data{buffer.data(), buffer.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control{};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t n = ::recvmsg(fd_.raw(), &message, MSG_TRUNC);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    // The device went down: the kernel says so once, and what it queued before is still to be read.
    if (n < 0 && errno == ENETDOWN) continue;
    if (n < 0) return fail("read captured frames", {}, errno);
    const auto length = static_cast<std::size_t>(n);
    const auto kept = std::span(buffer).first(std::min(length, buffer.size()));
    frames.push_back({.time = time_of(message),
                      .outgoing = from.sll_pkttype == PACKET_OUTGOING,
                      .link_index = from.sll_ifindex,
                      .original_length = length,
                      .bytes = {kept.begin(), kept.end()}});
  }
  return frames;
}

Result<unsigned> Capture::dropped() {
  tpacket_stats stats{};  // reading them sets them back to 0
  socklen_t size = sizeof stats;
  if (::getsockopt(fd_.raw(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) != 0)
    return fail("read capture statistics", {}, errno);
  return stats.tp_drops;
}

}  // namespace podwire::kernel
