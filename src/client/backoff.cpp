#include "client/backoff.h"

#include <algorithm>

namespace podwire::client {

using std::chrono::milliseconds;

void Backoff::succeeded(Clock::Time now) {
  if (!good_since_) good_since_ = now;
}

milliseconds Backoff::failed(Clock::Time now, double chance) {
  if (good_since_ && now - *good_since_ >= shape_.calm) next_ = milliseconds(0);
  good_since_.reset();
  const auto base = std::clamp(next_, shape_.first, shape_.most);
  next_ = std::min(base * 2, shape_.most);
  return base + milliseconds(static_cast<milliseconds::rep>(static_cast<double>(base.count()) * chance));
}

}  // namespace podwire::client
