#pragma once
#include <string>

#include "kubelet/record.h"
#include "runtime/cni_client.h"

namespace podwire::kubelet {

/// How pods of this node get their network.
struct NodeNetwork {
  std::string conflist;  ///< path; read anew for each pod, as runtimes do
  std::string bin_dir;
  std::vector<IpAddr> addresses;  ///< the node's: what hostNetwork pods have
};

/// The executable of a plugin: in the agent's directory of plugins, else podwire's own.
Result<std::string> find_plugin(const std::string& bin_dir, const std::string& type);

/// What CNI is told of the hostPorts of a pod: runtimeConfig. Pure.
[[nodiscard]] json::object runtime_config_of(const PodSpec& spec);

// Blocking, and safe on any thread, for different pods at a time.

/// Makes a pod's network namespace and attaches it. The record is on disk before anything is made; after an
/// error remove_sandbox takes away what there is.
Result<SandboxRecord> make_sandbox(const Places& places, const NodeNetwork& network, const Pod& pod);
/// DEL, the namespace, the record; success when nothing is there.
Result<> remove_sandbox(const Places& places, const NodeNetwork& network, const SandboxRecord& record);
/// It is of this boot and its namespace is there.
[[nodiscard]] bool is_whole(const SandboxRecord& record, const std::string& boot);

}  // namespace podwire::kubelet
