#pragma once
#include <functional>
#include <string>
#include <vector>

#include "tests/bench/common/samples.h"
#include "tests/bench/server/connection.h"

namespace podwire::bench {

/// Requests that were all answered with success.
struct Load {
  Samples ms;          ///< of each: from before it was sent until its answer was read
  double seconds = 0;  ///< of all together
  int count = 0;
  [[nodiscard]] double per_second() const { return count / seconds; }
  void add(const Load& other);
};

/// Sends requests `first`, `first` + 1 ... so many of them; each connection sends its next one when its last
/// is answered.
Result<Load> drive(std::vector<Connection>& connections, int first, int count,
                   const std::function<std::string(int)>& request,
                   const std::function<void(int, const Answer&)>& take = {});

}  // namespace podwire::bench
