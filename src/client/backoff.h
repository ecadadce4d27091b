#pragma once
#include <chrono>
#include <optional>

#include "client/clock.h"

namespace podwire::client {

/// How long to wait after each failure in a row: 0.8 s, then twice as long each time as far as 30 s, and as
/// much again by chance, so that a thousand clients of a restarted server do not come back in step. What has
/// worked for a while before it fails begins anew. Pure: time and chance are told.
class Backoff {
 public:
  struct Shape {
    std::chrono::milliseconds first{800}, most{30'000};
    std::chrono::milliseconds calm{60'000};  ///< of success, and the past is forgotten
  };

  Backoff() = default;
  explicit Backoff(Shape shape) : shape_(shape) {}

  /// It works (still, or again).
  void succeeded(Clock::Time now);
  /// It failed: the wait until the next try. `chance` is from [0, 1).
  [[nodiscard]] std::chrono::milliseconds failed(Clock::Time now, double chance);

 private:
  Shape shape_;
  std::chrono::milliseconds next_{0};  ///< 0: the first
  std::optional<Clock::Time> good_since_;
};

}  // namespace podwire::client
