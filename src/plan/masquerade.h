#pragma once
#include <span>
#include <vector>

#include "plan/node_network.h"
#include "state/nft.h"

namespace podwire::plan {

/// A source network and a destination network.
struct NetworkPair {
  Cidr from, to;
  friend auto operator<=>(const NetworkPair&, const NetworkPair&) = default;
};

struct Masquerade {
  std::vector<NetworkPair> out;     ///< leaves under the node's address...
  std::vector<NetworkPair> inside;  ///< ... but not this
};

struct MasqueradeView {
  std::span<const Cidr> own_pods;  ///< this node's podCIDRs
  std::span<const Cidr> cluster_cidrs;
  std::span<const Cidr> non_masquerade_cidrs;
  std::span<const NetworkNode> nodes;  ///< all of them, ourselves too
  const state::Network& network;       ///< the way to them
};

/// Pods that leave the cluster do so under their node's address, for nobody outside knows the way back.
/// Inside is where there is one: the cluster's pods; and nodes to whose pods we have a plain route, for they
/// have the same to ours. A node behind a tunnel would have to answer by another way than packets came: there
/// the node's address is taken. Pure; networks within others are left out.
[[nodiscard]] Masquerade plan_masquerade(const MasqueradeView& view);

/// As elements of the sets masq4, masq6, inside4 and inside6 of the agent's table (apply/podwire.nft).
[[nodiscard]] state::NftElements masquerade_elements(const Masquerade& masquerade);

}  // namespace podwire::plan
