#include "client/clock.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>

namespace podwire::client {
namespace {

namespace asio = boost::asio;

class RealClock final : public Clock {
 public:
  Time now() override { return std::chrono::steady_clock::now(); }

  Task<void> sleep(std::chrono::milliseconds time) override {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, time);
    co_await timer.async_wait(asio::use_awaitable);
  }

  double chance() override {
    thread_local std::minstd_rand source{std::random_device()()};
    return std::uniform_real_distribution<double>(0, 1)(source);
  }
};

}  // namespace

Clock& Clock::real() {
  static RealClock it;
  return it;
}

}  // namespace podwire::client
