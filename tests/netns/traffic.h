#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/addr.h"
#include "base/process.h"
#include "base/unique_fd.h"
#include "kernel/netns/netns.h"

// Real traffic for the tests: links made with `ip` (so that a test of one adapter does not lean on another),
// and TCP and UDP sockets that live in a namespace of the test's choice.

namespace podwire::test {

using kernel::NetNs;

inline NetNs new_netns() {
  auto ns = NetNs::create();
  if (!ns) throw std::runtime_error(ns.error().message());  // without one no test means anything
  return std::move(*ns);
}

inline std::string run_in(const NetNs& ns, std::vector<std::string> argv, std::string input = {}) {
  const auto out =
      run_checked({.argv = std::move(argv), .env = {}, .input = std::move(input), .before_exec = [&] {
                     return ns.join();
                   }});
  EXPECT_TRUE(out) << out.error().message();
  return out.value_or("");
}

/// Lines for `ip -batch`.
inline void ip_in(const NetNs& ns, const std::string& lines) { run_in(ns, {"ip", "-batch", "-"}, lines); }

/// By which `ip link ... netns PATH` finds it.
inline std::string path_of(const NetNs& ns) {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(ns.fd().raw());
}

inline void set_sysctl(const NetNs& ns, const std::string& key, const std::string& value) {
  const auto inside = ns.enter();
  ASSERT_TRUE(inside);
  const UniqueFd file(::open(("/proc/sys/" + key).c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(file) << key;
  ASSERT_EQ(::write(file.raw(), value.data(), value.size()), static_cast<ssize_t>(value.size())) << key;
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  SocketAddress() = default;
  SocketAddress(const IpAddr& addr, std::uint16_t port) {
    const auto bytes = addr.bytes();
    if (addr.is_v4()) {
      sockaddr_in a{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}, .sin_zero = {}};
      std::memcpy(&a.sin_addr, bytes.data(), bytes.size());
      std::memcpy(&storage, &a, size = sizeof a);
    } else {
      sockaddr_in6 a{};
      a.sin6_family = AF_INET6;
      a.sin6_port = htons(port);
      std::memcpy(&a.sin6_addr, bytes.data(), bytes.size());
      std::memcpy(&storage, &a, size = sizeof a);
    }
  }
  [[nodiscard]] const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] IpAddr addr() const {
    const bool v4 = storage.ss_family == AF_INET;
    const auto* in4 = reinterpret_cast<const sockaddr_in*>(&storage);
    const auto* in6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    return *IpAddr::from_bytes(v4 ? std::as_bytes(std::span(&in4->sin_addr, 1))
                                  : std::as_bytes(std::span(&in6->sin6_addr, 1)));
  }
};

inline UniqueFd socket_in(const NetNs& ns, Family family, int type) {
  const auto inside = ns.enter();
  if (!inside) throw std::runtime_error(inside.error().message());
  UniqueFd fd(::socket(static_cast<int>(family), type | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.raw(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == Family::v6) ::setsockopt(fd.raw(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  return fd;
}

inline bool readable(Fd fd, std::chrono::milliseconds wait) {
  pollfd p{.fd = fd.raw(), .events = POLLIN, .revents = 0};
  return ::poll(&p, 1, static_cast<int>(wait.count())) == 1;
}

/// How long an answer that must come may take on a loaded machine. Only a failing test ever waits so long.
inline constexpr std::chrono::seconds kPatience{10};

inline UniqueFd bound_in(const NetNs& ns, int type, const IpAddr& addr, std::uint16_t port) {
  UniqueFd fd = socket_in(ns, addr.family(), type);
  const SocketAddress at(addr, port);
  if (::bind(fd.raw(), at.raw(), at.size) != 0)
    throw std::runtime_error("bind " + addr.str() + ": " + std::strerror(errno));
  return fd;
}

/// Answers every TCP connection and every UDP datagram on one port of a namespace, in both families, with
/// "NAME sees CLIENT": who got it, and under which address the client came.
class Answerer {
 public:
  Answerer(const NetNs& ns, std::string name, std::uint16_t port)
      : name_(std::move(name)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    for (const Family f : {Family::v4, Family::v6}) {
      sockets_.push_back(bound_in(ns, SOCK_STREAM, IpAddr::any(f), port));
      ::listen(sockets_.back().raw(), 64);
      sockets_.push_back(bound_in(ns, SOCK_DGRAM, IpAddr::any(f), port));
    }
    thread_ = std::thread([this] { serve(); });
  }
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;
  ~Answerer() {
    const std::uint64_t one = 1;
    (void)!::write(stop_.raw(), &one, sizeof one);
    thread_.join();
  }

 private:
  void serve() {
    std::vector<pollfd> wait{{.fd = stop_.raw(), .events = POLLIN, .revents = 0}};
    for (const auto& s : sockets_) wait.push_back({.fd = s.raw(), .events = POLLIN, .revents = 0});
    while (::poll(wait.data(), wait.size(), -1) > 0 && wait[0].revents == 0) {
      for (std::size_t i = 1; i < wait.size(); ++i)
        if (wait[i].revents != 0) answer(wait[i].fd, i % 2 == 1);
    }
  }
  void answer(int fd, bool stream) const {
    SocketAddress from;
    char byte = 0;
    const UniqueFd client(stream ? ::accept4(fd, from.raw(), &from.size, SOCK_CLOEXEC) : -1);
    if (stream ? !client : ::recvfrom(fd, &byte, 1, 0, from.raw(), &from.size) < 0) return;
    const std::string text = name_ + " sees " + from.addr().str();
    if (stream)
      (void)!::write(client.raw(), text.data(), text.size());
    else
      ::sendto(fd, text.data(), text.size(), 0, from.raw(), from.size);
  }

  std::string name_;
  UniqueFd stop_;
  std::vector<UniqueFd> sockets_;
  std::thread thread_;
};

/// What an Answerer says to a client in `ns`, or why none answered. `from`: the client's own address.
inline std::string ask(const NetNs& ns, int protocol, const IpAddr& to, std::uint16_t port,
                       std::optional<IpAddr> from = {}) {
  const bool tcp = protocol == IPPROTO_TCP;
  const UniqueFd fd = socket_in(ns, to.family(), tcp ? SOCK_STREAM : SOCK_DGRAM);
  if (from) {
    const SocketAddress mine(*from, 0);
    if (::bind(fd.raw(), mine.raw(), mine.size) != 0) return std::string("bind: ") + std::strerror(errno);
  }
  const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
  ::setsockopt(fd.raw(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);  // of connect, too
  const SocketAddress at(to, port);
  if (::connect(fd.raw(), at.raw(), at.size) != 0) return std::string("connect: ") + std::strerror(errno);
  if (!tcp && ::write(fd.raw(), "?", 1) != 1) return std::string("send: ") + std::strerror(errno);
  if (!readable(fd.get(), kPatience)) return "no answer";
  std::array<char, 128> text{};
  const ssize_t n = ::read(fd.raw(), text.data(), text.size());
  if (n < 0) return std::string("read: ") + std::strerror(errno);
  return {text.data(), static_cast<std::size_t>(n)};
}

/// One datagram of text from `ns` to an address.
inline void send_text(Fd udp, const IpAddr& to, std::uint16_t port, std::string_view text) {
  const SocketAddress at(to, port);
  EXPECT_EQ(::sendto(udp.raw(), text.data(), text.size(), 0, at.raw(), at.size),
            static_cast<ssize_t>(text.size()))
      << std::strerror(errno);
}

/// The texts that arrive up to `last`, which is not among them; "(nothing more)" ends them when it never
/// comes.
inline std::vector<std::string> texts_until(Fd udp, std::string_view last) {
  std::vector<std::string> out;
  while (readable(udp, kPatience)) {
    std::array<char, 128> text{};
    const ssize_t n = ::recv(udp.raw(), text.data(), text.size(), 0);
    if (n < 0) continue;  // an ICMP error of an earlier send
    out.emplace_back(text.data(), static_cast<std::size_t>(n));
    if (out.back() == last) {
      out.pop_back();
      return out;
    }
  }
  out.emplace_back("(nothing more)");
  return out;
}

}  // namespace podwire::test
