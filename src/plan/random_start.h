#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "plan/number_set.h"

namespace podwire::plan {

/// Uniformly distributed over all 64-bit numbers. The plan draws none itself, so that it can be repeated.
using Random = std::function<std::uint64_t()>;

/// The first free number at or behind a random one of [first, last], around the end; nullopt when all are
/// taken. Precondition: at most 2^64 numbers.
inline std::optional<u128> free_from_random_start(const NumberSet& taken, u128 first, u128 last,
                                                  const Random& random) {
  if (first > last) return std::nullopt;
  const u128 start = first + ((last - first + 1) * random() >> 64);
  if (auto found = taken.first_missing(start, last)) return found;
  return start > first ? taken.first_missing(first, start - 1) : std::nullopt;
}

}  // namespace podwire::plan
