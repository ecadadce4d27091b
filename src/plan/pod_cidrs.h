#pragma once
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "plan/node_masks.h"
#include "plan/number_set.h"

namespace podwire::plan {

/// The podCIDRs of a cluster's nodes: out of each range of --cluster-cidr every node gets one subnet. The
/// search goes on behind the last one given (next-fit, with wrap), so that a subnet that came free is
/// reused as late as possible. Pure: it knows of nodes only what it is told.
class PodCidrs {
 public:
  /// What overlaps a service range is never given out.
  static Result<PodCidrs> over(std::span<const Cidr> cluster_cidrs, MaskSizeFlags flags,
                               std::span<const Cidr> service_ranges);

  /// One subnet of each range, in the order of --cluster-cidr, or an error and nothing taken: "CIDR
  /// allocation failed; there are no remaining CIDRs left to allocate in the accepted range".
  Result<std::vector<Cidr>> allocate();
  /// What a node has already. An error, and nothing taken, when one of them lies in no range. Two nodes that
  /// have the same subnet hold it both: it is free when both have released it.
  Result<> occupy(std::span<const Cidr> cidrs);
  /// Of a node that is gone. What is in no range, or not taken, does not matter.
  void release(std::span<const Cidr> cidrs);

  /// Of the range of that family; 0 where there is none.
  [[nodiscard]] std::uint64_t capacity(Family family) const;
  [[nodiscard]] std::uint64_t taken(Family family) const;

 private:
  /// One range, cut into numbered subnets.
  struct Pool {
    Cidr range;
    unsigned mask_size;
    u128 count;
    u128 next = 0;
    NumberSet used;                    // given out, or overlapping a service range
    NumberSet reserved;                // overlapping a service range
    std::map<u128, unsigned> sharers;  // subnets with more than one holder: how many more

    struct Run {
      u128 first, last;
    };
    [[nodiscard]] Cidr at(u128 index) const;
    [[nodiscard]] Run indices(const Cidr& cidr) const;  // of a cidr that overlaps the range
    void take(u128 index);
    void give_back(u128 index);
  };

  Pool* pool_of(const Cidr& cidr);
  [[nodiscard]] const Pool* pool_of(Family family) const;

  std::vector<Pool> pools_;
};

}  // namespace podwire::plan
