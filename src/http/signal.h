#pragma once
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "http/message.h"

namespace podwire::http {

using Clock = std::chrono::steady_clock;

/// Lets one coroutine wait for what others of its thread do.
class Signal {
 public:
  explicit Signal(const boost::asio::any_io_executor& executor)
      : timer_(executor, Clock::time_point::max()) {}

  /// Until wake(), which may have come before; at most until then. Also ends when the coroutine is cancelled.
  Task<void> wait(Clock::time_point until = Clock::time_point::max());
  /// Ends the present wait(), or the next one.
  void wake();

 private:
  boost::asio::steady_timer timer_;
  bool woken_ = false;
};

/// From now; a time that no clock can hold is never.
[[nodiscard]] Clock::time_point after(std::chrono::milliseconds time);

/// Whether the coroutine that asks was told to end.
[[nodiscard]] Task<bool> cancelled();

}  // namespace podwire::http
