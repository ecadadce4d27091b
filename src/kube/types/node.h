#pragma once
#include "kube/types/node_selector.h"
#include "kube/types/object_meta.h"

namespace podwire::kube {

struct NodeAddress {
  std::string type, address;  ///< "InternalIP", "Hostname"...; a Hostname is no IP address
  friend bool operator==(const NodeAddress&, const NodeAddress&) = default;
};

struct Node {
  ObjectMeta meta;
  std::vector<Cidr> pod_cidrs;
  std::vector<Taint> taints;
  bool unschedulable = false;
  Amounts allocatable;
  std::vector<Condition> conditions;
  std::vector<NodeAddress> addresses;
  friend bool operator==(const Node&, const Node&) = default;
};

void read(const Place& place, NodeAddress& into);
void read(const Place& place, Node& into);
[[nodiscard]] Result<Node> node_from(const json::value& object);

/// The failure zone that the node says it is in; "" where it does not.
[[nodiscard]] std::string_view zone_of(const Node& node);

}  // namespace podwire::kube
