#include "kernel/rtnl/monitor.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "kernel/rtnl/codec.h"

namespace podwire::kernel {
namespace {

constexpr std::uint32_t bit(int group) { return 1U << (group - 1); }

bool is_removal(std::uint16_t type) {
  return type == RTM_DELLINK || type == RTM_DELADDR || type == RTM_DELROUTE || type == RTM_DELNEIGH;
}

std::optional<RtnlEvent> event_of(const netlink::Message& m) {
  const auto wrap = [&](auto&& object) {
    return RtnlEvent{std::forward<decltype(object)>(object), is_removal(m.type())};
  };
  if (auto x = codec::read_link(m)) return wrap(std::move(*x));
  if (auto x = codec::read_address(m)) return wrap(std::move(*x));
  if (auto x = codec::read_route(m)) return wrap(std::move(*x));
  if (auto x = codec::read_neighbour(m)) return wrap(std::move(*x));
  if (auto x = codec::read_fdb(m)) return wrap(std::move(*x));
  return std::nullopt;
}

}  // namespace

Result<RtnlMonitor> RtnlMonitor::open(const NetNs& netns) {
  const auto entered = TRY(netns.enter());
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd) return fail("open netlink monitor in", netns.name(), errno);
  const int size =
      4 << 20;  // a burst of changes must not drop events; the kernel cuts it to rmem_max if we may not
  if (::setsockopt(fd.raw(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    ::setsockopt(fd.raw(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  self.nl_groups = bit(RTNLGRP_LINK) | bit(RTNLGRP_IPV4_IFADDR) | bit(RTNLGRP_IPV6_IFADDR) |
                   bit(RTNLGRP_IPV4_ROUTE) | bit(RTNLGRP_IPV6_ROUTE) | bit(RTNLGRP_NEIGH);
  if (::bind(fd.raw(), reinterpret_cast<const sockaddr*>(&self), sizeof self) != 0)
    return fail("subscribe to changes in", netns.name(), errno);
  return RtnlMonitor(std::move(fd));
}

Result<std::vector<RtnlEvent>> RtnlMonitor::read() {
  std::vector<RtnlEvent> out;
  std::vector<std::byte> buffer(64 << 10);
  for (;;) {
    const ssize_t n = ::recv(fd_.raw(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return out;
    if (n < 0)
      return fail("read changes", {}, errno,
                  errno == ENOBUFS ? "events were lost; list everything again" : "");
    for (const auto& m :
         netlink::Messages(std::span<const std::byte>(buffer).first(static_cast<std::size_t>(n))))
      if (auto e = event_of(m)) out.push_back(std::move(*e));
  }
}

}  // namespace podwire::kernel
