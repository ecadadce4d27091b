#pragma once
#include <span>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace podwire::plan {

/// --node-cidr-mask-size, -ipv4 and -ipv6; 0: not given.
struct MaskSizeFlags {
  unsigned any = 0, v4 = 0, v6 = 0;
};

/// How long the prefix of a node's podCIDR is (24, IPv6 64 by default), for each of --cluster-cidr's ranges,
/// in their order. Refuses, with the words of kube-controller-manager where it has some: more than one range
/// of a family, flags that contradict each other or the families, prefixes shorter than the range's or
/// longer than an address, and IPv6 prefixes more than 16 bits longer than the range's.
Result<std::vector<unsigned>> node_mask_sizes(std::span<const Cidr> cluster_cidrs, MaskSizeFlags flags);

}  // namespace podwire::plan
