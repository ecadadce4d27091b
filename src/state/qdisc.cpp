#include "state/qdisc.h"

#include <fmt/format.h>

namespace podwire::state {

std::string describe(const Shaper& s) {
  return fmt::format("tbf on link {}: {} bytes/s, burst {} bytes, limit {} bytes", s.link_index,
                     s.bucket.rate_bytes, s.bucket.burst_bytes, s.bucket.limit_bytes);
}

}  // namespace podwire::state
