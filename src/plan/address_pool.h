#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace podwire::plan {

/// A run of addresses out of one subnet. Invariants after `complete`: subnet is a network, first <= last,
/// both and the gateway inside the subnet.
struct Range {
  Cidr subnet;
  std::optional<IpAddr> first, last;  ///< none: .1 ... broadcast-1 (IPv6: ::1 ... last)
  std::optional<IpAddr> gateway;      ///< none: the subnet's .1
  friend bool operator==(const Range&, const Range&) = default;
};

/// Ranges of one family, tried in order; one address is given out of the set.
using RangeSet = std::vector<Range>;

/// Fills in the defaults and checks: host bits zero, at least a /30 (/126), first and last inside, ranges of
/// one set of one family and not overlapping. Errors name the range ("range 10.1.0.0/31: ...").
Result<Range> complete(Range range);
Result<> check_sets(const std::vector<RangeSet>& sets);

/// What is known of a set's addresses at the moment of choosing. Times from any one monotonic-enough clock.
struct Usage {
  std::vector<IpAddr> taken;  ///< reserved by someone; order does not matter
  struct Freed {
    IpAddr addr;
    std::chrono::system_clock::time_point when;
  };
  std::vector<Freed> freed;    ///< given back lately
  std::optional<IpAddr> last;  ///< the last one given out: the search goes on behind it
};

struct Choice {
  IpAddr addr;
  Range range;                ///< the one it came from: its gateway and prefix length
  bool cooldown_cut = false;  ///< the pool was under pressure: it was freed less than `cooldown` ago
};

/// The next address of a set: the first one behind `usage.last` (wrapping over all ranges) that is neither
/// taken nor a gateway nor freed within `cooldown`; when only cooling ones are left, the one freed longest
/// ago. nullopt: the set is full. Pure and deterministic. Cost: O(taken + freed + run of taken ones), not the
/// subnet's size.
std::optional<Choice> choose(const RangeSet& set, const Usage& usage,
                             std::chrono::system_clock::time_point now, std::chrono::seconds cooldown);

/// A wanted address: the range that holds it, or why not ("10.1.2.3 is in none of the ranges", "... is the
/// gateway").
Result<Choice> choose_exactly(const RangeSet& set, const IpAddr& wanted);

/// How many addresses a set can give out in all.
[[nodiscard]] u128 capacity(const RangeSet& set);

/// "10.244.1.0/24 (10.244.1.2-10.244.1.254)"
[[nodiscard]] std::string describe(const RangeSet& set);

}  // namespace podwire::plan
