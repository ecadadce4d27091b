#pragma once
#include <cstdint>
#include <string>

#include "kube/json.h"
#include "kube/status.h"
#include "server/query.h"

namespace podwire::server {

namespace json = boost::json;

/// What a node is asked on behalf of a client of pods/log, exec, attach or portforward.
struct NodeCall {
  std::string node;  ///< its name
  std::string host;  ///< an address, or a name that is looked up
  std::uint16_t port = 0;
  std::string target;  ///< percent-encoded: "/exec/default/web/UID/c?command=ls&output=1"
  std::string ns, pod;
  friend bool operator==(const NodeCall&, const NodeCall&) = default;
};

/// The container that a request is about, in a pod that may have several. Refusals (400) are worded as
/// Kubernetes' are.
[[nodiscard]] kube::Answer<std::string> container_of(const json::object& pod, std::string_view wanted);

/// The name of the pod's node. 400: it is on none yet.
[[nodiscard]] kube::Answer<std::string> node_of(const json::object& pod);

/// Where and what to ask. The node's InternalIP is preferred, then its Hostname, then an ExternalIP. 400: of
/// the container. 503: the node does not say where it answers.
[[nodiscard]] kube::Answer<NodeCall> node_call(const json::object& pod, const json::object& node,
                                               std::string_view subresource, const Query& query);

}  // namespace podwire::server
