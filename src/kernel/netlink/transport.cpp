#include "kernel/netlink/transport.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>

namespace podwire::kernel::netlink {
namespace {

Result<UniqueFd> socket_here(int protocol) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!fd) return fail("open netlink socket", {}, errno);
  return fd;
}

/// Entering a namespace costs five system calls; most sockets are for the namespace that we are in.
bool is_current(const NetNs& netns) {
  struct stat here{};
  return ::stat("/proc/thread-self/ns/net", &here) == 0 && here.st_ino == netns.inode();
}

Result<UniqueFd> socket_in(int protocol, const NetNs& netns) {
  if (is_current(netns)) return socket_here(protocol);
  const auto inside = TRY(netns.enter());
  return socket_here(protocol);
}

bool enable(Fd fd, int option) {
  const int on = 1;
  return ::setsockopt(fd.raw(), SOL_NETLINK, option, &on, sizeof on) == 0;
}

}  // namespace

Result<UniqueFd> open_socket(int protocol, const NetNs& netns, std::uint32_t groups) {
  auto fd = TRY(socket_in(protocol, netns));
  if (!enable(fd.get(), NETLINK_EXT_ACK) || !enable(fd.get(), NETLINK_CAP_ACK) ||
      !enable(fd.get(), NETLINK_GET_STRICT_CHK))
    return fail("set options of netlink socket", {}, errno, "Linux 4.20 or newer is needed");
  if (groups != 0) {
    sockaddr_nl here{.nl_family = AF_NETLINK, .nl_pad = 0, .nl_pid = 0, .nl_groups = groups};
    if (::bind(fd.raw(), reinterpret_cast<sockaddr*>(&here), sizeof here) != 0)
      return fail("subscribe netlink socket", netns.name(), errno);
  }
  return fd;
}

Result<std::optional<std::span<const std::byte>>> receive(Fd socket, ReceiveBuffer& buffer) {
  const auto into = buffer.bytes();
  while (true) {
    sockaddr_nl from{};
    socklen_t from_size = sizeof from;
    const auto n = ::recvfrom(socket.raw(), into.data(), into.size(), MSG_DONTWAIT | MSG_TRUNC,
                              reinterpret_cast<sockaddr*>(&from), &from_size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return std::nullopt;
    if (n < 0) return fail("receive from the kernel", {}, errno);
    if (from.nl_pid != 0) continue;
    if (static_cast<std::size_t>(n) > into.size()) return fail("receive from the kernel", {}, EMSGSIZE);
    return into.first(static_cast<std::size_t>(n));
  }
}

Result<> send(Fd socket, std::span<const std::byte> bytes) {
  for (int attempt = 0;; ++attempt) {
    const auto n = ::send(socket.raw(), bytes.data(), bytes.size(), 0);
    if (n >= 0) return {};  // a datagram goes whole or not at all
    if (errno == EINTR) continue;
    if (errno != EMSGSIZE || attempt > 0) return fail("send to the kernel", {}, errno);
    const int size = static_cast<int>(bytes.size()) + 4096;
    if (::setsockopt(socket.raw(), SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
      return fail("raise send buffer", std::to_string(size) + " bytes", errno);
  }
}

}  // namespace podwire::kernel::netlink
