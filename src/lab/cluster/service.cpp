#include "lab/cluster/service.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>

#include "base/spawn.h"
#include "client/backoff.h"

namespace podwire::lab {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr client::Backoff::Shape kPauses{.first = 100ms, .most = 5s, .calm = 10s};

std::string how_it_ended(int status) {
  return status > 128 ? fmt::format("was killed by signal {}", status - 128)
                      : fmt::format("ended with status {}", status);
}

}  // namespace

Service::Service(asio::io_context& io, std::string name, Start start, Trouble trouble)
    : name_(std::move(name)), start_(std::move(start)), trouble_(std::move(trouble)), pause_(io) {}

std::shared_ptr<Service> Service::keep(asio::io_context& io, std::string name, Start start, Trouble trouble) {
  const std::shared_ptr<Service> made(new Service(io, std::move(name), std::move(start), std::move(trouble)));
  asio::co_spawn(io, run(made), asio::detached);
  return made;
}

void Service::stop() {
  stopping_ = true;
  pause_.cancel();
  if (child_ > 0) ::kill(child_, SIGKILL);
}

http::Task<void> Service::run(std::shared_ptr<Service> self) {
  client::Backoff backoff(kPauses);
  while (!self->stopping_) {
    backoff.succeeded(std::chrono::steady_clock::now());
    co_await self->run_once();
    if (self->stopping_) break;
    self->pause_.expires_after(backoff.failed(std::chrono::steady_clock::now(), 0));
    [[maybe_unused]] const auto [waited] = co_await self->pause_.async_wait(kTuple);
  }
  self->ended_ = true;
}

http::Task<void> Service::run_once() {
  const auto child = start_();
  if (!child) {
    trouble_(child.error().message(), 0);
    co_return;
  }
  child_ = *child;
  asio::posix::stream_descriptor ended(co_await asio::this_coro::executor,
                                       static_cast<int>(::syscall(SYS_pidfd_open, *child, 0)));
  [[maybe_unused]] const auto [error] =
      co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, kTuple);
  child_ = 0;
  const auto status = wait_for(*child);
  if (!stopping_)
    trouble_(status ? fmt::format("{} {}", name_, how_it_ended(*status)) : status.error().message(),
             status.value_or(0));
}

}  // namespace podwire::lab
