#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"

namespace podwire::plan {

enum class ServiceType : std::uint8_t { cluster_ip, node_port, load_balancer, external_name };
enum class FamilyPolicy : std::uint8_t { single_stack, prefer_dual_stack, require_dual_stack };

/// "ClusterIP"...; nullopt for what is no type of a Service.
[[nodiscard]] std::optional<ServiceType> service_type(std::string_view name);
/// "SingleStack"...
[[nodiscard]] std::optional<FamilyPolicy> family_policy(std::string_view name);
[[nodiscard]] std::string_view name_of(ServiceType type);
[[nodiscard]] std::string_view name_of(FamilyPolicy policy);

/// What addresses and ports of a Service depend on: fields of its spec. "" and 0: not there. Values that mean
/// nothing (a family "IPv5") are left out; to refuse them is validation's part.
struct ServiceFields {
  struct Port {
    std::string name, protocol = "TCP";
    unsigned port = 0;
    unsigned node_port = 0;
    friend bool operator==(const Port&, const Port&) = default;
  };
  ServiceType type = ServiceType::cluster_ip;
  bool has_selector = false;
  bool local_traffic = false;                ///< externalTrafficPolicy: Local
  bool allocate_balancer_node_ports = true;  ///< allocateLoadBalancerNodePorts
  std::string cluster_ip;
  std::vector<std::string> cluster_ips;  ///< "None" for a headless Service
  std::vector<Family> families;
  std::optional<FamilyPolicy> policy;
  std::vector<Port> ports;
  unsigned health_check_node_port = 0;

  [[nodiscard]] bool needs_cluster_ip() const { return type != ServiceType::external_name; }
  [[nodiscard]] bool needs_node_ports() const {
    return type == ServiceType::node_port || type == ServiceType::load_balancer;
  }
  [[nodiscard]] bool needs_health_check() const {
    return type == ServiceType::load_balancer && local_traffic;
  }
  [[nodiscard]] bool headless() const { return cluster_ips.size() == 1 && cluster_ips[0] == "None"; }
  friend bool operator==(const ServiceFields&, const ServiceFields&) = default;
};

/// What is wrong with one field, in the words of the Kubernetes API.
struct FieldRefusal {
  std::string reason;   ///< "FieldValueInvalid", "FieldValueRequired"...
  std::string field;    ///< "spec.clusterIPs[0]"
  std::string message;  ///< `Invalid value: ["None"]: may not change once set`
  friend bool operator==(const FieldRefusal&, const FieldRefusal&) = default;
};
using FieldRefusals = std::vector<FieldRefusal>;

/// `shown` is the value as JSON.
[[nodiscard]] FieldRefusal invalid(std::string_view field, std::string_view shown, std::string_view detail);
/// `["10.96.0.1","fd00::1"]`, `null` for none.
[[nodiscard]] std::string shown(const std::vector<std::string>& list);
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace podwire::plan
