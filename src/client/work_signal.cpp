#include "client/work_signal.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace podwire::client {

namespace asio = boost::asio;

WorkSignal::WorkSignal(asio::io_context& io, Clock& clock)
    : timer_(io, asio::steady_timer::time_point::max()), clock_(clock) {}

void WorkSignal::set() { timer_.cancel(); }

Task<void> WorkSignal::wait(std::optional<Clock::Time> until) {
  using asio::experimental::awaitable_operators::operator||;
  boost::system::error_code woken;
  auto signal = timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (!until) {
    co_await std::move(signal);
    co_return;
  }
  const auto time = std::chrono::ceil<std::chrono::milliseconds>(*until - clock_.now());
  auto sleep = clock_.sleep(std::max(time, std::chrono::milliseconds(0)));
  auto either = std::move(signal) || std::move(sleep);
  co_await std::move(either);
}

}  // namespace podwire::client
