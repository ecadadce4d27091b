#pragma once
#include <span>
#include <string>
#include <vector>

#include "agent/machine.h"
#include "base/addr.h"
#include "kube/json.h"
#include "kube/types/node.h"

namespace podwire::agent {

namespace json = kube::json;

inline constexpr std::uint16_t kKubeletPort = 10250;

/// What a node says of itself where no kubelet does.
struct NodeClaim {
  std::string name;
  std::vector<IpAddr> addresses;  ///< the primary family's first
  Machine machine;
  bool ready = false;
  std::string reason, message;  ///< of Ready
};

/// The Node to create: its name, its labels. Its status is a patch's.
[[nodiscard]] json::object new_node(const NodeClaim& claim);

/// Labels that the Node lacks or has otherwise, as a merge patch; empty: none.
[[nodiscard]] json::object label_patch(const NodeClaim& claim, const kube::Node& node);

/// The whole status, as a strategic merge patch: conditions of others (the network's, a controller's) stay.
/// A condition keeps the moment of its last change as long as it says the same.
[[nodiscard]] json::object status_patch(const NodeClaim& claim, const std::vector<kube::Condition>& known,
                                        kube::Time now);

/// Whether the Node says something else than we do, heartbeats aside.
[[nodiscard]] bool is_outdated(const NodeClaim& claim, const kube::Node& node);

/// The sign of life in kube-node-lease: to create, and (a merge patch) to renew.
[[nodiscard]] json::object new_lease(const std::string& node, const std::string& node_uid, kube::Time now);
[[nodiscard]] json::object lease_renewal(const std::string& node, kube::Time now);

}  // namespace podwire::agent
