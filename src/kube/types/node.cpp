#include "kube/types/node.h"

namespace podwire::kube {

void read(const Place& place, NodeAddress& into) {
  place.field("type", into.type);
  place.field("address", into.address);
}

void read(const Place& place, Node& into) {
  place.field("metadata", into.meta);
  if (const auto spec = place.at("spec")) {
    spec->field("podCIDRs", into.pod_cidrs);
    if (into.pod_cidrs.empty() && spec->at("podCIDR")) spec->field("podCIDR", into.pod_cidrs.emplace_back());
    spec->field("taints", into.taints);
    spec->field("unschedulable", into.unschedulable);
  }
  if (const auto status = place.at("status")) {
    status->field("allocatable", into.allocatable);
    status->field("conditions", into.conditions);
    status->field("addresses", into.addresses);
  }
}

Result<Node> node_from(const json::value& object) { return typed_from<Node>(object); }

std::string_view zone_of(const Node& node) {
  return text_of(node.meta.labels, "topology.kubernetes.io/zone");
}

}  // namespace podwire::kube
