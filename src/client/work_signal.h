#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "client/clock.h"

namespace podwire::client {

/// Lets coroutines sleep until there is something to do, or until a time.
class WorkSignal {
 public:
  WorkSignal(boost::asio::io_context& io, Clock& clock);
  /// Wakes all who wait.
  void set();
  /// May also return for no reason.
  Task<void> wait(std::optional<Clock::Time> until);

 private:
  boost::asio::steady_timer timer_;
  Clock& clock_;
};

}  // namespace podwire::client
