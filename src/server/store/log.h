#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "server/store/object.h"

namespace podwire::server {

/// One commit on its way to the disk.
struct LogEntry {
  std::uint64_t sequence = 0;  ///< 1, 2, 3...
  /// Grows with every failure: what was committed before the store learnt of it builds on what was lost.
  std::uint64_t epoch = 0;
  std::shared_ptr<const std::vector<Event>> events;
};

/// How far the log is: everything up to `sequence` is durable, or nothing of this epoch after what was
/// reported before.
struct LogOutcome {
  std::uint64_t sequence = 0, epoch = 0;
  std::optional<Error> error;
};

/// Where commits become durable, in order.
class Log {
 public:
  virtual ~Log() = default;
  /// Ends in an outcome, reported later and perhaps from another thread.
  virtual void append(LogEntry entry) = 0;
};

}  // namespace podwire::server
