#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "plan/number_set.h"

namespace podwire::plan {

/// A run of addresses of one family, both ends in it.
struct AddressRun {
  IpAddr first, last;
  friend bool operator==(const AddressRun&, const AddressRun&) = default;
};

/// "192.0.2.10-192.0.2.20", "192.0.2.16/28" (all of it) or one address.
Result<AddressRun> address_run(std::string_view text);

/// The addresses that Services of type LoadBalancer get: the lowest that is free, so that the same requests
/// lead to the same addresses. An operation costs the logarithm of what is taken, not the runs' width.
class LbPool {
 public:
  /// Runs of both families in any order; one that overlaps another is refused.
  static Result<LbPool> over(std::span<const AddressRun> runs);

  /// nullopt: none is left of that family.
  std::optional<IpAddr> allocate(Family family);
  /// False: it is not of this pool, or taken.
  bool take(const IpAddr& address);
  /// What is not taken does not matter.
  void release(const IpAddr& address);

  [[nodiscard]] bool contains(const IpAddr& address) const;
  [[nodiscard]] bool has(Family family) const;

 private:
  [[nodiscard]] NumberSet& taken(Family family) { return family == Family::v4 ? taken_v4_ : taken_v6_; }

  std::vector<AddressRun> runs_;  // sorted
  NumberSet taken_v4_, taken_v6_;
};

}  // namespace podwire::plan
