#include "plan/address_pool.h"

#include <algorithm>

namespace podwire::plan {
namespace {

using Time = std::chrono::system_clock::time_point;

IpAddr offset(const IpAddr& addr, int by) {
  return IpAddr::from_value(addr.family(), addr.value() + static_cast<u128>(static_cast<__int128>(by)));
}

bool in_range(const Range& range, const IpAddr& addr) { return *range.first <= addr && addr <= *range.last; }

bool is_gateway(const RangeSet& set, const IpAddr& addr) {
  return std::ranges::any_of(set, [&](const Range& range) { return range.gateway == addr; });
}

const Range* range_of(const RangeSet& set, const IpAddr& addr) {
  const auto it = std::ranges::find_if(set, [&](const Range& range) { return in_range(range, addr); });
  return it == set.end() ? nullptr : &*it;
}

/// Addresses that may not be given out, ascending.
class Blocked {
 public:
  explicit Blocked(std::vector<IpAddr> addrs) : addrs_(std::move(addrs)) {
    std::ranges::sort(addrs_);
    addrs_.erase(std::ranges::unique(addrs_).begin(), addrs_.end());
  }
  [[nodiscard]] bool contains(const IpAddr& addr) const { return std::ranges::binary_search(addrs_, addr); }
  [[nodiscard]] std::optional<IpAddr> first_free(IpAddr from, const IpAddr& to) const {
    if (from > to) return std::nullopt;
    for (auto it = std::ranges::lower_bound(addrs_, from); it != addrs_.end() && *it == from; ++it) {
      if (from == to)
        return std::nullopt;  // asked before stepping on: `to` may be the family's highest address
      from = offset(from, 1);
    }
    return from;
  }

 private:
  std::vector<IpAddr> addrs_;
};

/// The search goes on behind `last`, through all ranges, and ends at `last`.
std::optional<IpAddr> next_free(const RangeSet& set, const std::optional<IpAddr>& last,
                                const Blocked& blocked) {
  const Range* start = last ? range_of(set, *last) : nullptr;
  if (start != nullptr && *last != *start->last)
    if (auto free = blocked.first_free(offset(*last, 1), *start->last)) return free;
  const std::size_t begin = start == nullptr ? 0 : static_cast<std::size_t>(start - set.data()) + 1;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const Range& range = set[(begin + i) % set.size()];
    if (auto free = blocked.first_free(*range.first, *range.last)) return free;
  }
  return std::nullopt;
}

/// A time in the future tells that the clock was set back; what is further away than the cool-down says
/// nothing.
bool is_cooling(Time when, Time now, std::chrono::seconds cooldown) {
  return now - when < cooldown && when - now < cooldown;
}

}  // namespace

std::optional<Choice> choose(const RangeSet& set, const Usage& usage, Time now,
                             std::chrono::seconds cooldown) {
  std::vector<IpAddr> never(usage.taken);
  for (const Range& range : set) never.push_back(*range.gateway);
  std::vector<IpAddr> not_yet(never);
  for (const auto& freed : usage.freed)
    if (is_cooling(freed.when, now, cooldown)) not_yet.push_back(freed.addr);

  if (const auto free = next_free(set, usage.last, Blocked(std::move(not_yet))))
    return Choice{*free, *range_of(set, *free)};

  const Blocked blocked(std::move(never));
  const Usage::Freed* oldest = nullptr;
  for (const auto& freed : usage.freed) {
    if (range_of(set, freed.addr) == nullptr || blocked.contains(freed.addr)) continue;
    if (oldest == nullptr || std::pair(freed.when, freed.addr) < std::pair(oldest->when, oldest->addr))
      oldest = &freed;
  }
  if (oldest == nullptr) return std::nullopt;
  return Choice{oldest->addr, *range_of(set, oldest->addr), true};
}

Result<Choice> choose_exactly(const RangeSet& set, const IpAddr& wanted) {
  const Range* range = range_of(set, wanted);
  if (range == nullptr)
    return fail("choose address", wanted.str(), 0, "it is in none of the ranges " + describe(set));
  if (is_gateway(set, wanted))
    return fail("choose address", wanted.str(), 0, "it is the gateway of " + describe(set));
  return Choice{wanted, *range};
}

u128 capacity(const RangeSet& set) {
  u128 all = 0;
  std::vector<IpAddr> gateways;
  for (const Range& range : set) {
    all += range.last->value() - range.first->value() + 1;
    if (range_of(set, *range.gateway) != nullptr) gateways.push_back(*range.gateway);
  }
  std::ranges::sort(gateways);
  const auto distinct = std::ranges::unique(gateways).begin() - gateways.begin();
  return all - static_cast<u128>(distinct);
}

std::string describe(const RangeSet& set) {
  std::string out;
  for (const Range& range : set) {
    if (!out.empty()) out += ", ";
    out += range.subnet.str() + " (" + range.first->str() + "-" + range.last->str() + ")";
  }
  return out;
}

Result<Range> complete(Range range) {
  const Cidr& subnet = range.subnet;
  const auto bad = [&](std::string_view why) { return fail("range " + subnet.str(), {}, 0, why); };
  if (!subnet.is_network()) return bad("host bits are set, its network is " + subnet.network().str());
  if (subnet.length() > address_bits(subnet.family()) - 2)
    return bad(subnet.addr().is_v4() ? "too small, at least a /30 is needed"
                                     : "too small, at least a /126 is needed");
  const auto check_inside = [&](std::string_view what, const std::optional<IpAddr>& addr) -> Result<> {
    if (addr && !subnet.contains(*addr)) return bad(std::string(what) + " " + addr->str() + " is outside");
    return {};
  };
  TRY(check_inside("rangeStart", range.first));
  TRY(check_inside("rangeEnd", range.last));
  TRY(check_inside("gateway", range.gateway));

  // The network's own address (IPv6: that of all its routers) and IPv4's broadcast address are no one's.
  const IpAddr lowest = offset(subnet.first(), 1);
  const IpAddr highest = subnet.addr().is_v4() ? offset(subnet.last(), -1) : subnet.last();
  range.first = std::max(range.first.value_or(lowest), lowest);
  range.last = std::min(range.last.value_or(highest), highest);
  if (!range.gateway) range.gateway = lowest;
  if (*range.first > *range.last)
    return bad("no address lies between rangeStart " + range.first->str() + " and rangeEnd " +
               range.last->str());
  return range;
}

Result<> check_sets(const std::vector<RangeSet>& sets) {
  std::vector<const Range*> all;
  for (const RangeSet& set : sets) {
    for (const Range& range : set) {
      if (range.subnet.family() != set.front().subnet.family())
        return fail("range " + range.subnet.str(), {}, 0,
                    "not of the same family as " + set.front().subnet.str() + " in its set");
      all.push_back(&range);
    }
  }
  std::ranges::sort(all, {}, [](const Range* range) { return *range->first; });
  for (std::size_t i = 1; i < all.size(); ++i)
    if (*all[i]->first <= *all[i - 1]->last)
      return fail("range " + all[i]->subnet.str(), {}, 0, "overlaps " + describe({*all[i - 1]}));
  return {};
}

}  // namespace podwire::plan
