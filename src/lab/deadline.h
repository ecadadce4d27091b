#pragma once
#include <chrono>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::lab {

/// When waiting ends. A bound against hanging for ever, never a part of a verdict: what is waited for comes
/// at once or not at all.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds patience) : end_(std::chrono::steady_clock::now() + patience) {}
  /// 0 when it is over.
  [[nodiscard]] int milliseconds_left() const;
  /// Until poll(2) has one of `events` for fd. Errors: ETIMEDOUT; ECANCELED when we were asked to stop.
  Result<> wait(Fd fd, short events) const;

 private:
  std::chrono::steady_clock::time_point end_;
};

}  // namespace podwire::lab
