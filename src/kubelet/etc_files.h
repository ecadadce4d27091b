#pragma once
#include "kubelet/pod_spec.h"

namespace podwire::kubelet {

/// How names are resolved on this node.
struct ClusterDns {
  std::vector<std::string> servers;  ///< may be empty: there is none
  std::string domain = "cluster.local";
};

/// What a pod calls itself: at most 63 characters.
[[nodiscard]] std::string host_name_of(const Pod& pod, const std::string& node_name);

/// /etc/resolv.conf as the pod's dnsPolicy wants it; `node` is the node's own. Pure.
[[nodiscard]] std::string resolv_conf_of(const Pod& pod, const ClusterDns& dns, std::string_view node);

/// /etc/hosts of a pod with these addresses; `node` is the node's own, for hostNetwork. Pure.
[[nodiscard]] std::string hosts_of(const Pod& pod, const std::vector<std::string>& addresses,
                                   const ClusterDns& dns, std::string_view node);

}  // namespace podwire::kubelet
