#pragma once
#include <optional>

#include "client/work_signal.h"

namespace podwire::agent {

/// Something is to be looked at. What is told while nobody waits is not lost. For one waiter.
class Wakeup {
 public:
  explicit Wakeup(boost::asio::io_context& io, client::Clock& clock = client::Clock::real())
      : signal_(io, clock) {}

  void set() {
    set_ = true;
    signal_.set();
  }
  /// May also return for no reason.
  client::Task<void> wait(std::optional<client::Clock::Time> until) {
    if (!set_) co_await signal_.wait(until);
    set_ = false;
  }

 private:
  client::WorkSignal signal_;
  bool set_ = false;
};

}  // namespace podwire::agent
