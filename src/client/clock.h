#pragma once
#include <chrono>

#include "http/server.h"

namespace podwire::client {

using http::Task;

/// Time and chance as the client room sees them, so that its tests bring their own.
class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() = 0;
  /// Can be cancelled.
  virtual Task<void> sleep(std::chrono::milliseconds time) = 0;
  /// Evenly from [0, 1): jitter, which needs no secrecy.
  [[nodiscard]] virtual double chance() = 0;

  /// The real ones.
  static Clock& real();
};

}  // namespace podwire::client
