#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "state/network.h"

namespace podwire::plan {

/// How packets get to another node's pods.
enum class Backend : std::uint8_t {
  automatic,  ///< a plain route where the node is on our link, else VXLAN
  host_gw,    ///< plain routes only
  vxlan,      ///< VXLAN only
};

/// Where a node takes VXLAN packets of one family: flannel's annotations public-ip and backend-data.
struct Vtep {
  IpAddr address;
  Mac mac;
  friend bool operator==(const Vtep&, const Vtep&) = default;
};

/// One node as the others see it.
struct NetworkNode {
  std::string name;
  std::int64_t created = 0;       ///< seconds since 1970
  std::vector<Cidr> pod_cidrs;    ///< where its pods have their addresses, of either family
  std::vector<IpAddr> addresses;  ///< its own; of each family the first counts
  std::vector<Vtep> vteps;        ///< at most one a family; none: it takes no VXLAN
  friend bool operator==(const NetworkNode&, const NetworkNode&) = default;
};

/// The link that carries our own address of one family.
struct Underlay {
  std::string link;
  Cidr address;  ///< with the prefix length that says who else is on the link
  std::uint32_t mtu = 0;
  friend bool operator==(const Underlay&, const Underlay&) = default;
};

struct NodeNetworkView {
  const NetworkNode& self;
  std::span<const NetworkNode> nodes;   ///< in any order, ourselves among them or not
  std::span<const Underlay> underlays;  ///< at most one a family
  std::span<const Cidr> cluster_cidrs;  ///< none: not known
  Backend backend = Backend::automatic;
  std::uint32_t vni = 1;
  std::uint16_t port = 8472;
};

/// Why a node's pods, or all, cannot be reached.
struct NetworkProblem {
  std::string node;
  std::string sentence;
  friend auto operator<=>(const NetworkProblem&, const NetworkProblem&) = default;
};

struct NodeNetwork {
  state::Network network;
  std::uint32_t pod_mtu = 0;  ///< what fits on every way out; 0: no family has podCIDR and underlay
  std::vector<NetworkProblem> problems;  ///< sorted
};

/// The wire between the nodes, seen from one of them: flannel's VXLAN (the same numbers, names and
/// annotations: a flannel node and a podwire node talk), and plain routes. Pure; the order of the nodes does
/// not matter. Of two nodes that claim overlapping podCIDRs the older one has it, of two equally old ones the
/// first by name; nobody gets what is ours.
[[nodiscard]] NodeNetwork plan_node_network(const NodeNetworkView& view);

/// "flannel.1", "flannel-v6.1": as flannel calls its devices.
[[nodiscard]] std::string tunnel_name(Family family, std::uint32_t vni);
/// What VXLAN puts round a packet: outer IP, UDP, VXLAN and inner Ethernet headers (RFC 7348).
[[nodiscard]] constexpr std::uint32_t vxlan_overhead(Family outer) { return outer == Family::v4 ? 50 : 70; }

}  // namespace podwire::plan
