#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "plan/service_proxy.h"

namespace podwire::plan {

/// The numbers of pools as services.nft wants them in a packet's mark: what happens to the source, the class
/// of pools with as many endpoints, and which one of its class. A pool with session affinity keeps its number
/// whatever its size is. Not thread-safe; an operation costs the logarithm of what is taken.
class PoolNumbers {
 public:
  static constexpr std::uint32_t kMasquerade = 1U << 31, kStays = 1U << 30;
  static constexpr unsigned kClassShift = 20;
  static constexpr std::uint32_t kClassMask = 0x3ffU << kClassShift, kAffine = kClassMask;
  static constexpr std::uint32_t kIndexMask = (1U << kClassShift) - 1;

  /// A number for the pool: `before`, if that would still do and nobody has it. nullopt: a million pools of
  /// its class, or a thousand classes.
  std::optional<std::uint32_t> take(const ServicePool& pool, std::optional<std::uint32_t> before);
  void give_back(std::uint32_t number);

  /// The class of another program's or an earlier run's tables: its number for so many endpoints, to be kept.
  /// False: one of both has a meaning already.
  bool adopt_class(std::uint32_t class_bits, std::size_t endpoints);

 private:
  [[nodiscard]] std::optional<std::uint32_t> class_of(std::size_t endpoints);

  struct Class {
    std::size_t endpoints = 0;
    std::uint32_t next = 1;        ///< the lowest that was never given
    std::set<std::uint32_t> free;  ///< below next
  };
  static std::optional<std::uint32_t> take_index(Class& in, std::optional<std::uint32_t> wanted);

  std::map<std::size_t, std::uint32_t> numbers_;  ///< of classes, by how many endpoints
  std::map<std::uint32_t, Class> classes_;        ///< by the number, shifted
};

}  // namespace podwire::plan
