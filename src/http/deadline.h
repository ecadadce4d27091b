#pragma once
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "http/duplex.h"
#include "http/signal.h"

namespace podwire::http {

/// Closes a stream when the time is up, so that who waits for it gets an error. The stream lives longer.
class Deadline {
 public:
  Deadline(const boost::asio::any_io_executor& executor, Duplex& stream, Clock::time_point until);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { state_->stream = nullptr; }

  [[nodiscard]] bool passed() const { return state_->passed; }

 private:
  struct State {
    Duplex* stream;
    bool passed = false;
  };
  std::shared_ptr<State> state_;
  boost::asio::steady_timer timer_;
};

}  // namespace podwire::http
