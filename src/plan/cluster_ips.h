#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "plan/number_set.h"
#include "plan/random_start.h"

namespace podwire::plan {

/// One CIDR of a ServiceCIDR, and which of its addresses Services can have: all but the network's own and
/// IPv4's broadcast address.
struct ServiceRange {
  Cidr cidr;
  IpAddr first, last;
  unsigned static_band = 0;  ///< how many at the start are left to those who choose theirs (KEP-3070)

  /// Refuses host bits, an IPv6 prefix shorter than 64, and prefixes with no usable address.
  static Result<ServiceRange> of(const Cidr& cidr);
  [[nodiscard]] bool contains(const IpAddr& addr) const { return first <= addr && addr <= last; }
  /// 2^64 - 1 for an IPv6 /64.
  [[nodiscard]] u128 capacity() const { return last.value() - first.value() + 1; }
};

/// The ClusterIPs of a cluster: which are in use, and which come next. Ranges come and go as ServiceCIDR
/// objects do, may overlap, and may be of both families. An address that nobody chose comes out of the upper
/// band of some range, from a random start, and out of a lower band only when every upper one is full
/// (min(max(16, size/16), 256) addresses, none in a range of 16 or less).
///
/// Pure and in memory; the IPAddress objects are the truth that outlives it. Costs do not depend on how full
/// a range is, memory only on how scattered its addresses are.
class ClusterIps {
 public:
  explicit ClusterIps(Random random) : random_(std::move(random)) {}

  /// A ServiceCIDR object, by its name; one that is known already gets these ranges instead.
  Result<> add(std::string_view service_cidr, std::span<const Cidr> cidrs);
  /// It is being deleted: no new addresses come out of it (but out of ranges that overlap it).
  void retire(std::string_view service_cidr);
  /// An address in use that lies in that ServiceCIDR and in no other that is not retired: why it cannot go
  /// yet. nullopt: it can.
  [[nodiscard]] std::optional<IpAddr> still_needed_by(std::string_view service_cidr) const;
  /// It is gone. Its addresses stay in use until they are released.
  void remove(std::string_view service_cidr);

  /// A free address, now taken: "range is full" when there is none.
  Result<IpAddr> allocate(Family family);
  /// A chosen one: "provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/12" or
  /// "provided IP is already allocated".
  Result<> allocate(const IpAddr& addr);
  /// As allocate, taking nothing: dry runs.
  [[nodiscard]] Result<IpAddr> choose(Family family) const;
  [[nodiscard]] Result<> check(const IpAddr& addr) const;
  /// What is in use already, in whatever range it lies.
  void occupy(const IpAddr& addr) { taken(addr.family()).insert(addr.value()); }
  /// False: was not in use.
  bool release(const IpAddr& addr) { return taken(addr.family()).erase(addr.value()); }

  [[nodiscard]] bool in_use(const IpAddr& addr) const { return taken(addr.family()).contains(addr.value()); }
  /// Whether a range that is not retired has it.
  [[nodiscard]] bool in_range(const IpAddr& addr) const;
  /// Whether any range has it, retired or not.
  [[nodiscard]] bool knows(const IpAddr& addr) const;
  [[nodiscard]] bool has(Family family) const;  ///< a range that is not retired
  [[nodiscard]] std::uint64_t taken_count(Family family) const { return taken(family).size(); }

 private:
  struct ServiceCidr {
    std::vector<ServiceRange> ranges;
    bool retired = false;
  };

  NumberSet& taken(Family family) { return family == Family::v4 ? taken_v4_ : taken_v6_; }
  [[nodiscard]] const NumberSet& taken(Family family) const {
    return family == Family::v4 ? taken_v4_ : taken_v6_;
  }
  [[nodiscard]] std::vector<const ServiceRange*> open_ranges(Family family) const;

  Random random_;
  std::map<std::string, ServiceCidr, std::less<>> service_cidrs_;
  NumberSet taken_v4_, taken_v6_;  // apart, as both count addresses from 0
};

}  // namespace podwire::plan
