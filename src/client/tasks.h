#pragma once
#include <boost/asio/io_context.hpp>
#include <memory>

#include "http/server.h"

namespace podwire::client {

using http::Task;

/// Coroutines that are started here and there and end together. On the io_context's one thread.
class Tasks {
 public:
  explicit Tasks(boost::asio::io_context& io);
  /// What still runs is cancelled, and ends when the io_context runs on, or is destroyed.
  ~Tasks();
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  /// Starts it now. An exception that is not its cancellation is a bug, and ends the process.
  void spawn(Task<void> task);
  /// Asks all to end, also those that are spawned later.
  void cancel();
  /// When all have ended.
  Task<void> join();
  [[nodiscard]] std::size_t running() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace podwire::client
