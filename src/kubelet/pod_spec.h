#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/types/int_or_string.h"
#include "kube/types/object_meta.h"

/// What runs a node's pods, as a kubelet does: pods that are bound to the node become network namespaces and
/// containers, and their status tells how they are.
namespace podwire::kubelet {

namespace json = kube::json;
using kube::Place;
using kube::Time;

struct EnvVar {
  std::string name, value;
  json::object source;  ///< valueFrom; empty: `value`
};

/// All keys of a ConfigMap or of a Secret.
struct EnvFrom {
  std::string prefix, config_map, secret;
  bool optional = false;
};

struct HttpHeader {
  std::string name, value;
};

struct Probe {
  enum class Kind : std::uint8_t { none, http, tcp, exec, grpc };
  Kind kind = Kind::none;
  std::string host, path, scheme = "HTTP";
  std::vector<HttpHeader> headers;
  kube::IntOrString port;
  std::vector<std::string> command;
  int initial_delay = 0, period = 10, timeout = 1, successes = 1, failures = 3;  ///< seconds; counts
};

struct VolumeMount {
  std::string name, path, sub_path;
  bool read_only = false;
};

struct PortSpec {
  std::string name, protocol = "TCP", host_ip;
  int container_port = 0, host_port = 0;
};

struct SecurityContext {
  std::optional<std::int64_t> user, group;
  bool privileged = false;
  std::vector<std::string> added, dropped;  ///< capabilities
};

struct ContainerSpec {
  std::string name, image, working_dir, restart_policy;
  std::vector<std::string> command, args;
  std::vector<EnvVar> env;
  std::vector<EnvFrom> env_from;
  std::vector<PortSpec> ports;
  std::vector<VolumeMount> mounts;
  std::optional<Probe> liveness, readiness, startup;
  SecurityContext security;
  kube::Amounts requests, limits;
  bool terminal = false, input = false;
  /// An init container that runs beside the others.
  [[nodiscard]] bool is_sidecar() const { return restart_policy == "Always"; }
};

struct VolumeSpec {
  std::string name, kind;  ///< "emptyDir", "configMap"...
  json::object source;     ///< what is below that
};

struct HostAlias {
  std::string ip;
  std::vector<std::string> names;
};

struct PodSpec {
  std::string node_name, hostname, subdomain, service_account;
  std::string restart_policy = "Always", dns_policy = "ClusterFirst";
  bool host_network = false, service_links = true;
  std::int64_t grace_seconds = 30;
  std::vector<ContainerSpec> init_containers, containers;
  std::vector<VolumeSpec> volumes;
  std::vector<HostAlias> host_aliases;
  std::vector<std::string> dns_servers, dns_searches, dns_options;  ///< dnsConfig
  SecurityContext security;
  std::optional<std::int64_t> fs_group;
  std::vector<std::string> readiness_gates;
};

/// A pod as the API server has it.
struct Pod {
  kube::ObjectMeta meta;
  std::optional<std::int64_t> deletion_grace;
  PodSpec spec;
  json::object status;

  /// "web_default(UID)", as kubelets name it in Events.
  [[nodiscard]] std::string described() const;
  [[nodiscard]] bool is_finished() const;  ///< its phase says so: for good
};

void read(const Place& place, Pod& into);

/// By name, also an init container. nullptr: none.
[[nodiscard]] const ContainerSpec* find_container(const PodSpec& spec [[clang::lifetimebound]],
                                                  std::string_view name);
[[nodiscard]] bool is_init_container(const PodSpec& spec, std::string_view name);

/// "Guaranteed", "Burstable" or "BestEffort", as the requests and limits of its containers make it.
[[nodiscard]] std::string_view qos_class(const PodSpec& spec);

}  // namespace podwire::kubelet
