#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "kubelet/pod_spec.h"
#include "oci/process_identity.h"

namespace podwire::kubelet {

/// A pod's network namespace, on disk as pod.json. Written before anything of it is made, so that whoever
/// finds it can take away what there is.
struct SandboxRecord {
  std::string id;  ///< 64 hexadecimal digits: what CNI calls the container id
  std::string pod_uid, pod_name, pod_namespace;
  std::string boot_id;            ///< after another boot nothing of it is there
  std::string netns;              ///< where it is pinned; empty: the node's own
  json::object runtime_config;    ///< as CNI's ADD got it, for DEL
  bool attached = false;          ///< ADD has succeeded
  std::vector<IpAddr> addresses;  ///< the primary family's first
};

/// One run of a container, on disk as container.json. Written before it is started.
struct ContainerRecord {
  std::string id;  ///< 64 hexadecimal digits
  std::string name;
  bool init = false;
  int attempt = 0;
  int back_off = 0;  ///< how many restarts in a row this is, for the wait before the next one
  std::string image, image_id;
  std::string boot_id;
  std::string log;         ///< path
  std::string lower;       ///< of its root file system
  bool in_memory = false;  ///< oci::RootFs::upper_in_memory
  bool terminal = false, input = false;
  Time created{};
};

/// What the shim of a container says of it, on disk as run.json. Only the shim writes it.
struct RunRecord {
  oci::ProcessIdentity keeper, process;
  std::optional<Time> started, finished;
  int exit_code = 0;
  std::string error;  ///< why it could not start
};

[[nodiscard]] std::string encode(const SandboxRecord& record);
[[nodiscard]] std::string encode(const ContainerRecord& record);
[[nodiscard]] std::string encode(const RunRecord& record);
template <class T>
Result<T> decode(std::string_view text);

/// Where a node keeps what belongs to its pods:
///   <state>/pods/UID/pod.json                            the sandbox
///   <state>/pods/UID/volumes/...                         what is mounted into its containers
///   <state>/pods/UID/containers/NAME.ATTEMPT/            container.json, run.json, bundle, writable layer
///   <memory>/UID/...                                     volumes that must not touch a disk
struct Places {
  std::string state, memory, netns, runc, logs, images;

  [[nodiscard]] std::string pods() const { return state + "/pods"; }
  [[nodiscard]] std::string pod(const std::string& uid) const { return pods() + "/" + uid; }
  [[nodiscard]] std::string in_memory(const std::string& uid) const { return memory + "/" + uid; }
  [[nodiscard]] std::string containers(const std::string& uid) const { return pod(uid) + "/containers"; }
  [[nodiscard]] std::string container(const std::string& uid, const std::string& name, int attempt) const {
    return containers(uid) + "/" + name + "." + std::to_string(attempt);
  }
  /// /var/log/pods/NAMESPACE_NAME_UID
  [[nodiscard]] std::string pod_logs(const Pod& pod) const;
};

/// Records of a pod as they are on disk. nullopt: none. Blocking.
Result<std::optional<SandboxRecord>> read_sandbox(const Places& places, const std::string& uid);
struct ContainerFiles {
  ContainerRecord record;
  RunRecord run;
  std::string directory;
};
/// In the order of names and attempts; what cannot be read is left out with a line in the log.
Result<std::vector<ContainerFiles>> read_containers(const Places& places, const std::string& uid);

}  // namespace podwire::kubelet
