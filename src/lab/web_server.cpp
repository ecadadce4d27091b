#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "lab/web.h"

namespace podwire::lab {
namespace {

constexpr int kPatienceMs = 2000;

/// Reads up to the empty line that ends a request's head, or until the client has nothing more to say.
void read_request(Fd client) {
  std::string head;
  std::array<char, 1024> buffer{};
  while (head.size() < 16384 && head.find("\r\n\r\n") == std::string::npos) {
    pollfd p{client.raw(), POLLIN, 0};
    if (::poll(&p, 1, kPatienceMs) <= 0) return;
    const ssize_t n = ::recv(client.raw(), buffer.data(), buffer.size(), 0);
    if (n <= 0) return;
    head.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

struct Greeter::Running {
  UniqueFd listener, stop;
  std::mutex mutex;
  std::vector<Endpoint> clients;
  std::jthread thread;

  ~Running() { static_cast<void>(::eventfd_write(stop.raw(), 1)); }

  void serve() {
    for (;;) {
      std::array<pollfd, 2> fds{pollfd{listener.raw(), POLLIN, 0}, pollfd{stop.raw(), POLLIN, 0}};
      if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
      if (fds[1].revents != 0) return;
      if (fds[0].revents != 0) greet();
    }
  }

  void greet() {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const UniqueFd client(
        ::accept4(listener.raw(), reinterpret_cast<sockaddr*>(&from), &length, SOCK_CLOEXEC));
    if (!client) return;
    const auto who = endpoint_of(from);
    {
      const std::scoped_lock lock(mutex);
      clients.push_back(who);
    }
    read_request(client.get());
    const std::string body = fmt::format("Hello. I see you as {} port {}.\n", who.addr.str(), who.port);
    const std::string answer =
        fmt::format("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
    // The client may be gone already: that is its own business.
    static_cast<void>(::send(client.raw(), answer.data(), answer.size(), MSG_NOSIGNAL));
    ::shutdown(client.raw(), SHUT_WR);
  }
};

Greeter::Greeter(std::unique_ptr<Running> running) : running_(std::move(running)) {}
Greeter::Greeter(Greeter&&) noexcept = default;
Greeter::~Greeter() = default;

Result<Greeter> Greeter::start(const kernel::NetNs& netns, const Endpoint& local) {
  auto running = std::make_unique<Running>();
  running->listener = TRY(open_socket(netns, local.addr.family(), SOCK_STREAM));
  TRY(bind_to(running->listener.get(), local));
  if (::listen(running->listener.raw(), 16) != 0) return fail("listen on", local.str(), errno);
  running->stop = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  if (!running->stop) return fail("create eventfd", {}, errno);
  // Signals are for the thread that waits for people, not for this one.
  sigset_t all, old;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &old);
  running->thread = std::jthread([r = running.get()] { r->serve(); });
  ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
  return Greeter(std::move(running));
}

std::vector<Endpoint> Greeter::take_clients() {
  const std::scoped_lock lock(running_->mutex);
  return std::exchange(running_->clients, {});
}

}  // namespace podwire::lab
