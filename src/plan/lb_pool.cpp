#include "plan/lb_pool.h"

#include <algorithm>

namespace podwire::plan {

Result<AddressRun> address_run(std::string_view text) {
  if (text.find('/') != std::string_view::npos) {
    const auto cidr = TRY(Cidr::parse(text));
    if (!cidr.is_network()) return fail("read range", text, 0, "bits behind the prefix are set");
    return AddressRun{cidr.first(), cidr.last()};
  }
  const auto dash = text.find('-');
  const auto first = TRY(IpAddr::parse(text.substr(0, dash)));
  if (dash == std::string_view::npos) return AddressRun{first, first};
  const auto last = TRY(IpAddr::parse(text.substr(dash + 1)));
  if (first.family() != last.family())
    return fail("read range", text, 0, "the two are of different families");
  if (last < first) return fail("read range", text, 0, "its last address is before its first");
  return AddressRun{first, last};
}

Result<LbPool> LbPool::over(std::span<const AddressRun> runs) {
  LbPool pool;
  pool.runs_.assign(runs.begin(), runs.end());
  std::ranges::sort(pool.runs_, {}, &AddressRun::first);
  for (std::size_t i = 1; i < pool.runs_.size(); ++i) {
    const auto& before = pool.runs_[i - 1];
    if (before.first.family() == pool.runs_[i].first.family() && pool.runs_[i].first <= before.last)
      return fail("use range", pool.runs_[i].first.str(), 0, "it is in two ranges");
  }
  return pool;
}

std::optional<IpAddr> LbPool::allocate(Family family) {
  for (const auto& run : runs_) {
    if (run.first.family() != family) continue;
    const auto free = taken(family).first_missing(run.first.value(), run.last.value());
    if (!free) continue;
    taken(family).insert(*free);
    return IpAddr::from_value(family, *free);
  }
  return std::nullopt;
}

bool LbPool::take(const IpAddr& address) {
  return contains(address) && taken(address.family()).insert(address.value());
}

void LbPool::release(const IpAddr& address) { taken(address.family()).erase(address.value()); }

bool LbPool::contains(const IpAddr& address) const {
  return std::ranges::any_of(runs_, [&](const AddressRun& run) {
    return run.first.family() == address.family() && run.first <= address && address <= run.last;
  });
}

bool LbPool::has(Family family) const {
  return std::ranges::any_of(runs_, [&](const AddressRun& run) { return run.first.family() == family; });
}

}  // namespace podwire::plan
