#include "plan/node_masks.h"

#include <algorithm>
#include <string>

namespace podwire::plan {
namespace {

constexpr unsigned kDefaultV4 = 24;
constexpr unsigned kDefaultV6 = 64;
constexpr unsigned kMostBitsV6 = 16;

Result<> check_ranges(std::span<const Cidr> ranges) {
  if (ranges.empty()) return fail("Must specify --cluster-cidr");
  for (const auto& range : ranges)
    if (!range.is_network())
      return fail("--cluster-cidr " + range.str(), {}, 0,
                  "host bits are set, its network is " + range.network().str());
  const bool both =
      std::ranges::any_of(ranges, [&](const Cidr& c) { return c.family() != ranges[0].family(); });
  if (ranges.size() > 1 && !both)
    return fail("len of ClusterCIDRs==" + std::to_string(ranges.size()) +
                " and they are not configured as dual stack (at least one from each IPFamily)");
  if (ranges.size() > 2)
    return fail("length of clusterCIDRs is:" + std::to_string(ranges.size()) + " more than max allowed of 2");
  return {};
}

Result<> check_flags(std::span<const Cidr> ranges, MaskSizeFlags flags) {
  if (ranges.size() > 1) {
    if (flags.any != 0) return fail("usage of --node-cidr-mask-size is not allowed with dual-stack clusters");
    return {};
  }
  if (flags.any != 0 && (flags.v4 != 0 || flags.v6 != 0))
    return fail(
        "usage of --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6 is not allowed if "
        "--node-cidr-mask-size is set. For dual-stack clusters please unset it and use IPFamily "
        "specific flags");
  if (flags.v4 != 0 && ranges[0].family() == Family::v6)
    return fail("usage of --node-cidr-mask-size-ipv4 is not allowed for a single-stack IPv6 cluster");
  if (flags.v6 != 0 && ranges[0].family() == Family::v4)
    return fail("usage of --node-cidr-mask-size-ipv6 is not allowed for a single-stack IPv4 cluster");
  return {};
}

unsigned mask_size(Family family, MaskSizeFlags flags) {
  if (flags.any != 0) return flags.any;
  const unsigned given = family == Family::v4 ? flags.v4 : flags.v6;
  if (given != 0) return given;
  return family == Family::v4 ? kDefaultV4 : kDefaultV6;
}

}  // namespace

Result<std::vector<unsigned>> node_mask_sizes(std::span<const Cidr> cluster_cidrs, MaskSizeFlags flags) {
  TRY(check_ranges(cluster_cidrs));
  TRY(check_flags(cluster_cidrs, flags));
  std::vector<unsigned> out;
  for (const auto& range : cluster_cidrs) {
    const unsigned size = mask_size(range.family(), flags);
    if (size > address_bits(range.family()))
      return fail("node CIDR mask size " + std::to_string(size), {}, 0,
                  "an " + std::string(name_of(range.family())) + " address has " +
                      std::to_string(address_bits(range.family())) + " bits");
    if (size < range.length())
      return fail(
          "Invalid --cluster-cidr, mask size of cluster CIDR must be less than or equal to "
          "--node-cidr-mask-size configured for CIDR family");
    if (range.family() == Family::v6 && size - range.length() > kMostBitsV6)
      return fail(
          "New CIDR set failed; the node CIDR size is too big", {}, 0,
          "with --cluster-cidr " + range.str() + " at most /" + std::to_string(range.length() + kMostBitsV6));
    out.push_back(size);
  }
  return out;
}

}  // namespace podwire::plan
