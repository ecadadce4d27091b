#pragma once
#include "kube/types/node_selector.h"
#include "kube/types/object_meta.h"

namespace podwire::kube {

struct ContainerPort {
  std::string name, protocol = "TCP";
  int container_port = 0, host_port = 0;
  std::optional<IpAddr> host_ip;
  friend bool operator==(const ContainerPort&, const ContainerPort&) = default;
};

struct Container {
  std::string name, restart_policy;  ///< "Always" makes an init container a sidecar
  std::vector<ContainerPort> ports;
  Amounts requests;
  friend bool operator==(const Container&, const Container&) = default;
};

/// What a pod asks of the nodes it could run on; also read from pod templates.
struct PodSpec {
  std::string node_name, hostname, subdomain, restart_policy, scheduler_name = "default-scheduler";
  bool host_network = false;
  std::vector<Container> containers, init_containers;
  Amounts overhead;
  TextMap node_selector;
  /// affinity.nodeAffinity's required terms; nullopt: none asked for
  std::optional<std::vector<NodeSelectorTerm>> node_affinity;
  std::vector<Toleration> tolerations;
  int scheduling_gates = 0;
  friend bool operator==(const PodSpec&, const PodSpec&) = default;
};

struct PodStatus {
  std::string phase;
  std::vector<IpAddr> pod_ips, host_ips;
  std::vector<Condition> conditions;
  int restarts = 0;  ///< of the container that was restarted most
  friend bool operator==(const PodStatus&, const PodStatus&) = default;
};

struct Pod {
  ObjectMeta meta;
  PodSpec spec;
  PodStatus status;
  friend bool operator==(const Pod&, const Pod&) = default;
};

void read(const Place& place, PodSpec& into);
void read(const Place& place, Pod& into);
[[nodiscard]] Result<Pod> pod_from(const json::value& object);

/// Neither succeeded nor failed, and not about to go.
[[nodiscard]] bool is_active(const Pod& pod);
[[nodiscard]] bool is_finished(const Pod& pod);
[[nodiscard]] bool is_ready(const Pod& pod);
/// Ready, and has been for so many seconds.
[[nodiscard]] bool is_available(const Pod& pod, std::int64_t min_ready_seconds, Time now);
/// What it needs on its node: containers together, or the largest step of its start.
[[nodiscard]] Amounts requests_of(const PodSpec& spec);

}  // namespace podwire::kube
