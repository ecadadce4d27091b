#include "plan/cluster_ips.h"

#include <algorithm>

namespace podwire::plan {
namespace {

constexpr unsigned kShortestPrefixV6 = 64;

unsigned static_band_of(const Cidr& cidr) {
  constexpr u128 kLeast = 16;
  constexpr u128 kMost = 256;
  const u128 size = u128{1} << (address_bits(cidr.family()) - cidr.length());
  return size <= kLeast ? 0 : static_cast<unsigned>(std::clamp(size / 16, kLeast, kMost));
}

}  // namespace

Result<ServiceRange> ServiceRange::of(const Cidr& cidr) {
  if (!cidr.is_network())
    return fail("service range " + cidr.str(), {}, 0,
                "host bits are set, its network is " + cidr.network().str());
  const bool v4 = cidr.family() == Family::v4;
  if (!v4 && cidr.length() < kShortestPrefixV6)
    return fail("shortest allowed prefix length for service CIDR is 64, got " +
                std::to_string(cidr.length()));
  if (cidr.length() + (v4 ? 1 : 0) >= address_bits(cidr.family()))
    return fail("service range " + cidr.str(), {}, 0, "no address of it can be used by a Service");
  // IPv4: 0.0.0.0/0 is 2^32 wide, which u128 holds.
  const u128 first = cidr.first().value() + 1;
  const u128 last = cidr.last().value() - (v4 ? 1 : 0);
  return ServiceRange{.cidr = cidr,
                      .first = IpAddr::from_value(cidr.family(), first),
                      .last = IpAddr::from_value(cidr.family(), last),
                      .static_band = static_band_of(cidr)};
}

Result<> ClusterIps::add(std::string_view service_cidr, std::span<const Cidr> cidrs) {
  ServiceCidr made;
  for (const auto& cidr : cidrs) made.ranges.push_back(TRY(ServiceRange::of(cidr)));
  service_cidrs_.insert_or_assign(std::string(service_cidr), std::move(made));
  return {};
}

void ClusterIps::retire(std::string_view service_cidr) {
  if (const auto it = service_cidrs_.find(service_cidr); it != service_cidrs_.end())
    it->second.retired = true;
}

void ClusterIps::remove(std::string_view service_cidr) {
  if (const auto it = service_cidrs_.find(service_cidr); it != service_cidrs_.end()) service_cidrs_.erase(it);
}

std::vector<const ServiceRange*> ClusterIps::open_ranges(Family family) const {
  std::vector<const ServiceRange*> out;
  for (const auto& [name, one] : service_cidrs_)
    for (const auto& range : one.ranges)
      if (!one.retired && range.cidr.family() == family) out.push_back(&range);
  return out;
}

bool ClusterIps::has(Family family) const { return !open_ranges(family).empty(); }

bool ClusterIps::in_range(const IpAddr& addr) const {
  return std::ranges::any_of(open_ranges(addr.family()),
                             [&](const ServiceRange* range) { return range->contains(addr); });
}

bool ClusterIps::knows(const IpAddr& addr) const {
  return std::ranges::any_of(service_cidrs_, [&](const auto& entry) {
    return std::ranges::any_of(entry.second.ranges, [&](const auto& range) { return range.contains(addr); });
  });
}

std::optional<IpAddr> ClusterIps::still_needed_by(std::string_view service_cidr) const {
  const auto it = service_cidrs_.find(service_cidr);
  if (it == service_cidrs_.end()) return std::nullopt;
  for (const auto& range : it->second.ranges) {
    const Family family = range.cidr.family();
    // Other ranges that can stand in for it. Each is met at most once: the search goes on behind its end.
    std::vector<const ServiceRange*> others;
    for (const auto* other : open_ranges(family))
      if (std::ranges::none_of(it->second.ranges, [&](const auto& own) { return &own == other; }))
        others.push_back(other);
    auto next = taken(family).first_present(range.first.value(), range.last.value());
    while (next) {
      const auto addr = IpAddr::from_value(family, *next);
      const auto other = std::ranges::find_if(others, [&](const auto* o) { return o->contains(addr); });
      if (other == others.end()) return addr;
      if ((*other)->last >= range.last) break;
      next = taken(family).first_present((*other)->last.value() + 1, range.last.value());
    }
  }
  return std::nullopt;
}

Result<IpAddr> ClusterIps::choose(Family family) const {
  const auto ranges = open_ranges(family);
  const auto find = [&](bool upper) -> std::optional<IpAddr> {
    for (const auto* range : ranges) {
      const u128 begin = range->first.value();
      const u128 border = begin + range->static_band;
      const auto found = upper ? free_from_random_start(taken(family), border, range->last.value(), random_)
                         : range->static_band > 0
                             ? free_from_random_start(taken(family), begin, border - 1, random_)
                             : std::nullopt;
      if (found) return IpAddr::from_value(family, *found);
    }
    return std::nullopt;
  };
  if (auto addr = find(true)) return *addr;
  if (auto addr = find(false)) return *addr;
  return fail("range is full");
}

Result<> ClusterIps::check(const IpAddr& addr) const {
  if (!in_range(addr)) {
    std::string valid;
    for (const auto* range : open_ranges(addr.family()))
      valid += (valid.empty() ? "" : ",") + range->cidr.str();
    return fail("provided IP is not in the valid range. The range of valid IPs is " + valid);
  }
  if (in_use(addr)) return fail("provided IP is already allocated");
  return {};
}

Result<IpAddr> ClusterIps::allocate(Family family) {
  const auto addr = TRY(choose(family));
  occupy(addr);
  return addr;
}

Result<> ClusterIps::allocate(const IpAddr& addr) {
  TRY(check(addr));
  occupy(addr);
  return {};
}

}  // namespace podwire::plan
