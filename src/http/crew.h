#pragma once
#include <boost/asio/co_spawn.hpp>
#include <cstddef>
#include <exception>
#include <memory>

#include "http/signal.h"

namespace podwire::http {

/// Coroutines that do one job together, and whoever started them waits for the last. They are not cancelled:
/// what they wait for is closed. On one thread.
class Crew {
 public:
  explicit Crew(const boost::asio::any_io_executor& executor)
      : executor_(executor), core_(std::make_shared<Core>(executor)) {}

  void start(Task<void> task) {
    ++core_->working;
    boost::asio::co_spawn(executor_, std::move(task), [core = core_](const std::exception_ptr& bug) {
      --core->working;
      core->ended.wake();
      if (bug) std::rethrow_exception(bug);
    });
  }
  /// Until all have ended, also those that the others start.
  Task<void> join() {
    const auto core = core_;
    while (core->working > 0) co_await core->ended.wait();
  }
  [[nodiscard]] std::size_t working() const { return core_->working; }

 private:
  struct Core {
    explicit Core(const boost::asio::any_io_executor& executor) : ended(executor) {}
    std::size_t working = 0;
    Signal ended;
  };
  boost::asio::any_io_executor executor_;
  std::shared_ptr<Core> core_;
};

}  // namespace podwire::http
