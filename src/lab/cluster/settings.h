#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace podwire::lab {

/// What a lab is asked to be, as text: the flags of `podwire lab up`.
struct LabFlags {
  std::string name = "lab";
  std::size_t nodes = 3;
  std::vector<std::string> node_names;                ///< in place of `nodes`: node0, node1 and so on
  std::string node_cidr, cluster_cidr, service_cidr;  ///< empty: the usual ones of the lab's families
  bool dual_stack = false, ipv6 = false;
  std::size_t segments = 1;
  std::uint16_t api_port = 0;                        ///< on the host's 127.0.0.1; 0: any free one
  std::string backend, pod_link, ipam, proxy;        ///< for the agents as they are; empty: their own choice
  std::vector<std::string> agent_args, server_args;  ///< further ones, as they are
  pid_t as_long_as = 0;  ///< the lab ends with this process, however that ends; 0: with none
};

/// One node's place on the wires.
struct NodePlace {
  std::size_t number = 0;  ///< which addresses it has
  std::size_t segment = 0;
  std::vector<Cidr> addresses;   ///< one a family, with the segment's prefix length
  std::vector<IpAddr> gateways;  ///< the router's, in the same order
};

/// A lab that can be built: ranges that do not overlap, and an address for each node. Pure.
///
/// Each segment of the node network is a wire of its own; the machine "internet" is the router between them,
/// with the first address of each (10.89.0.1). Node number N has the address with host part 10 + N.
struct LabSettings {
  std::string name;
  std::vector<std::string> nodes;
  std::vector<Cidr> node_cidrs, cluster_cidrs, service_cidrs;  ///< one a family, in the same order
  std::size_t segments = 1;
  std::uint16_t api_port = 0;
  std::vector<std::string> agent_args, server_args;
  pid_t as_long_as = 0;

  /// nullopt: the node network has no such address.
  [[nodiscard]] std::optional<NodePlace> place(std::size_t number) const;
  [[nodiscard]] std::vector<Cidr> router_addresses(std::size_t segment) const;
  /// One segment of the node network of a family; `node_cidrs` has the first.
  [[nodiscard]] static Cidr segment_of(const Cidr& first, std::size_t segment);
};

/// Checks every flag and all of them together; an error names the flag and says what would do.
[[nodiscard]] Result<LabSettings> lab_settings_of(const LabFlags& flags);

/// 1 to 32 of a-z, 0-9 and '-'.
[[nodiscard]] bool usable_lab_name(const std::string& name);

/// The machine that plays the rest of the world, and its web server's address in each family; of the ranges
/// that are kept for documentation (RFC 5737, RFC 3849).
inline constexpr const char* kInternet = "internet";
[[nodiscard]] IpAddr web_address(Family family);

}  // namespace podwire::lab
