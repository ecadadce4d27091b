#include "plan/pool_numbers.h"

namespace podwire::plan {
namespace {

std::uint32_t source_bits(PoolSource source) {
  switch (source) {
    case PoolSource::masquerade:
      return PoolNumbers::kMasquerade;
    case PoolSource::stays:
      return PoolNumbers::kStays;
    case PoolSource::pods_stay:
      break;
  }
  return 0;
}

}  // namespace

std::optional<std::uint32_t> PoolNumbers::class_of(std::size_t endpoints) {
  if (const auto known = numbers_.find(endpoints); known != numbers_.end()) return known->second;
  for (std::uint32_t n = 1; n < (kAffine >> kClassShift); ++n) {
    const auto number = n << kClassShift;
    if (classes_.contains(number)) continue;
    numbers_[endpoints] = number;
    classes_[number].endpoints = endpoints;
    return number;
  }
  return std::nullopt;
}

bool PoolNumbers::adopt_class(std::uint32_t class_bits, std::size_t endpoints) {
  const auto number = class_bits & kClassMask;
  if (number == 0 || number == kAffine || classes_.contains(number) || numbers_.contains(endpoints))
    return false;
  numbers_[endpoints] = number;
  classes_[number].endpoints = endpoints;
  return true;
}

std::optional<std::uint32_t> PoolNumbers::take_index(Class& in, std::optional<std::uint32_t> wanted) {
  if (wanted && *wanted >= in.next && *wanted <= kIndexMask) {
    for (auto n = in.next; n < *wanted; ++n) in.free.insert(n);
    in.next = *wanted + 1;
    return wanted;
  }
  if (wanted && in.free.erase(*wanted) != 0) return wanted;
  if (!in.free.empty()) return in.free.extract(in.free.begin()).value();
  if (in.next > kIndexMask) return std::nullopt;
  return in.next++;
}

std::optional<std::uint32_t> PoolNumbers::take(const ServicePool& pool, std::optional<std::uint32_t> before) {
  const auto which = pool.affinity_seconds > 0 ? std::optional(kAffine) : class_of(pool.targets.size());
  if (!which) return std::nullopt;
  const bool may_stay = before && (*before & kClassMask) == *which;
  const auto index =
      take_index(classes_[*which], may_stay ? std::optional(*before & kIndexMask) : std::nullopt);
  if (!index) return std::nullopt;
  return source_bits(pool.source) | *which | *index;
}

void PoolNumbers::give_back(std::uint32_t number) {
  const auto at = classes_.find(number & kClassMask);
  if (at == classes_.end()) return;
  auto& in = at->second;
  in.free.insert(number & kIndexMask);
  // What is free at the end was never given: so an empty class costs nothing.
  while (!in.free.empty() && *in.free.rbegin() + 1 == in.next) {
    in.free.erase(std::prev(in.free.end()));
    --in.next;
  }
  if (in.next > 1 || (number & kClassMask) == kAffine) return;
  numbers_.erase(in.endpoints);
  classes_.erase(at);
}

}  // namespace podwire::plan
