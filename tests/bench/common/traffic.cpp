#include "tests/bench/common/traffic.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace podwire::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

SocketAddress socket_address(const IpAddr& address, std::uint16_t port) {
  SocketAddress out;
  if (address.is_v4()) {
    auto* in = reinterpret_cast<sockaddr_in*>(&out.storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    std::memcpy(&in->sin_addr, address.bytes().data(), 4);
    out.length = sizeof *in;
  } else {
    auto* in = reinterpret_cast<sockaddr_in6*>(&out.storage);
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(port);
    std::memcpy(&in->sin6_addr, address.bytes().data(), 16);
    out.length = sizeof *in;
  }
  return out;
}

Result<UniqueFd> tcp_socket(const kernel::NetNs& netns, Family family) {
  const auto entered = TRY(netns.enter());
  UniqueFd out(::socket(family == Family::v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!out) return fail("open socket", {}, errno);
  // Nobody waits for ever: neither for a connection that was lost nor for bytes.
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  const int on = 1;
  ::setsockopt(out.get().raw(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(out.get().raw(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(out.get().raw(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(out.get().raw(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return out;
}

void pin() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

bool echo_one(int fd) {
  char byte = 0;
  return ::recv(fd, &byte, 1, 0) == 1 && ::send(fd, &byte, 1, MSG_NOSIGNAL) == 1;
}

void swallow(int fd) {
  std::vector<char> buffer(256 << 10);
  while (::recv(fd, buffer.data(), buffer.size(), 0) > 0) {
  }
}

void serve(int listener, Workload workload, const std::atomic<bool>& enough) {
  pin();
  while (!enough) {
    pollfd waiting{listener, POLLIN, 0};
    if (::poll(&waiting, 1, 50) <= 0) continue;
    const UniqueFd peer(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer) continue;
    if (workload == Workload::stream)
      swallow(peer.get().raw());
    else
      while (echo_one(peer.get().raw()) && workload == Workload::request) {
      }
    // The client closes first, so that no port of the server's waits.
    char rest = 0;
    if (workload == Workload::connect) static_cast<void>(::recv(peer.get().raw(), &rest, 1, 0));
  }
}

Result<UniqueFd> connected(const Way& way) {
  auto out = TRY(tcp_socket(way.client, way.address.family()));
  const auto to = socket_address(way.address, way.port);
  if (::connect(out.get().raw(), reinterpret_cast<const sockaddr*>(&to.storage), to.length) != 0)
    return fail("connect to", way.address.str(), errno);
  return out;
}

bool round_trip(int fd) {
  char byte = 1;
  return ::send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && ::recv(fd, &byte, 1, 0) == 1;
}

/// Resets instead of leaving the port in TIME_WAIT: ports would run out before the time does.
void close_at_once(UniqueFd fd) {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd.get().raw(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

/// Bytes, round trips or connections until then.
Result<double> ask(const Way& way, Workload workload, Clock::time_point until) {
  double count = 0;
  if (workload == Workload::connect) {
    while (Clock::now() < until) {
      auto fd = TRY(connected(way));
      if (!round_trip(fd.get().raw())) return fail("ask", way.address.str(), errno);
      close_at_once(std::move(fd));
      ++count;
    }
    return count;
  }
  const auto fd = TRY(connected(way));
  if (workload == Workload::request) {
    for (; Clock::now() < until; ++count)
      if (!round_trip(fd.get().raw())) return fail("ask", way.address.str(), errno);
    return count;
  }
  const std::vector<char> buffer(128 << 10);
  while (Clock::now() < until) {
    const auto sent = ::send(fd.get().raw(), buffer.data(), buffer.size(), MSG_NOSIGNAL);
    if (sent <= 0) return fail("send to", way.address.str(), errno);
    count += static_cast<double>(sent);
  }
  return count * 8 / 1e9;
}

}  // namespace

Result<double> measure(const Way& way, Workload workload, std::chrono::milliseconds time) {
  const auto listener = TRY(tcp_socket(way.server, way.address.family()));
  const auto any = socket_address(IpAddr::any(way.address.family()), way.server_port);
  if (::bind(listener.get().raw(), reinterpret_cast<const sockaddr*>(&any.storage), any.length) != 0)
    return fail("bind to port", std::to_string(way.server_port), errno);
  if (::listen(listener.get().raw(), 128) != 0) return fail("listen", {}, errno);
  std::atomic<bool> enough = false;
  std::jthread server([&] { serve(listener.get().raw(), workload, enough); });
  Result<double> out = 0.0;
  const auto start = Clock::now();
  std::jthread client([&] {
    pin();
    out = ask(way, workload, start + time);
  });
  client.join();
  enough = true;
  server.join();
  if (!out) return out;
  return *out / std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace podwire::bench
