#pragma once
#include <cstdint>
#include <string>

namespace podwire::state {

/// A token bucket: linux/pkt_sched.h TCA_TBF_*.
struct TokenBucket {
  std::uint64_t rate_bytes = 0;   ///< per second
  std::uint32_t burst_bytes = 0;  ///< bucket size; at least one MTU or nothing passes
  std::uint32_t limit_bytes = 0;  ///< most that may wait; beyond it packets are dropped
  friend bool operator==(const TokenBucket&, const TokenBucket&) = default;
};

/// A root tbf qdisc on a link: what a link's egress is shaped to.
struct Shaper {
  int link_index = 0;
  TokenBucket bucket;
  friend bool operator==(const Shaper&, const Shaper&) = default;
};

[[nodiscard]] std::string describe(const Shaper& shaper);

}  // namespace podwire::state
