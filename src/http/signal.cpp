#include "http/signal.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace podwire::http {
namespace {

namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

Task<void> Signal::wait(Clock::time_point until) {
  if (!woken_) {
    timer_.expires_at(until);
    [[maybe_unused]] const auto [error] = co_await timer_.async_wait(kTuple);
  }
  woken_ = false;
}

void Signal::wake() {
  woken_ = true;
  timer_.cancel();
}

Clock::time_point after(std::chrono::milliseconds time) {
  const auto now = Clock::now();
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::time_point::max() - now);
  return time < most ? now + time : Clock::time_point::max();
}

Task<bool> cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace podwire::http
