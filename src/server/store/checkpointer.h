#pragma once
#include <memory>
#include <string>

#include "base/result.h"

namespace podwire::server {

/// Copies the write-ahead log to the database file in the background, over a connection of its own, so that
/// the writer does not wait for it.
class Checkpointer {
 public:
  static Result<Checkpointer> open(const std::string& path);
  ~Checkpointer();
  Checkpointer(Checkpointer&&) noexcept;
  Checkpointer& operator=(Checkpointer&&) noexcept;

  /// Starts copying unless it is at it. A failure is only a log that stays long: the next start tries again.
  void start();
  /// Whether it has ended since the last time somebody asked.
  bool take_finished();

 private:
  class Worker;
  explicit Checkpointer(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
};

}  // namespace podwire::server
