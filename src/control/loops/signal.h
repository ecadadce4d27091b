#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/server.h"

namespace podwire::control {

/// "There is something to do", for one coroutine that waits for it. On one thread.
class Signal {
 public:
  explicit Signal(boost::asio::io_context& io) : timer_(io, boost::asio::steady_timer::time_point::max()) {}

  /// Remembered until the next wait().
  void set() {
    set_ = true;
    timer_.cancel();
  }
  /// Can be cancelled.
  http::Task<void> wait() {
    while (!set_) {
      timer_.expires_at(boost::asio::steady_timer::time_point::max());
      [[maybe_unused]] const auto [error] =
          co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    set_ = false;
  }

 private:
  boost::asio::steady_timer timer_;
  bool set_ = false;
};

}  // namespace podwire::control
