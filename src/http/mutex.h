#pragma once
#include "http/signal.h"

namespace podwire::http {

/// For coroutines of one thread that must do something one after the other, such as writing to a stream.
/// Fair enough: whoever waits gets its turn, in no promised order.
class Mutex {
 public:
  explicit Mutex(const boost::asio::any_io_executor& executor) : timer_(executor, Clock::time_point::max()) {}

  /// Gives it back when destroyed. The Mutex lives longer.
  class Hold {
   public:
    explicit Hold(Mutex& mutex) : mutex_(&mutex) {}
    Hold(Hold&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (mutex_ != nullptr) mutex_->release();
    }

   private:
    Mutex* mutex_;
  };
  Task<Hold> hold();

 private:
  void release() noexcept {
    held_ = false;
    try {
      timer_.cancel_one();
    } catch (...) {  // out of memory: who waits is woken by the next one
    }
  }
  bool held_ = false;
  boost::asio::steady_timer timer_;
};

}  // namespace podwire::http
