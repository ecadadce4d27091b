#pragma once
#include <cstdint>

#include "kube/json.h"
#include "kube/types/node.h"
#include "plan/node_network.h"

/// How nodes tell each other where they take VXLAN packets: flannel's annotations of Nodes, so that a flannel
/// node and a podwire node understand each other (flannel's pkg/subnet/kube and pkg/backend/vxlan).
namespace podwire::agent {

namespace json = kube::json;

/// What the annotations and addresses of a Node say. Its VTEPs only if they are of this VNI. What cannot be
/// read is as if it were not there.
[[nodiscard]] plan::NetworkNode network_node_of(const kube::Node& node, std::uint32_t vni);

/// Our own VTEPs: one for each family that has both a podCIDR and an underlay. A MAC that our Node says
/// already is kept, so that others' entries stay true over a restart; the first one is made from the Node's
/// uid.
[[nodiscard]] std::vector<plan::Vtep> own_vteps(const kube::Node& self,
                                                std::span<const plan::Underlay> underlays, std::uint32_t vni);

/// The annotations by which our Node says so, and says that flannel's own agents may count on us. With
/// Backend::host_gw there are no VTEPs.
[[nodiscard]] kube::TextMap flannel_annotations(std::span<const plan::Vtep> vteps,
                                                std::span<const plan::Underlay> underlays,
                                                plan::Backend backend, std::uint32_t vni);

}  // namespace podwire::agent
