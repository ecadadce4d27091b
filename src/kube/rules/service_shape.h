#pragma once
#include "kube/rules/field_errors.h"

/// What a Service's spec asks for, by its type.
namespace podwire::kube {

[[nodiscard]] inline std::string_view service_type(const json::object& object) {
  const auto type = text_in(object, "spec", "type");
  return type.empty() ? "ClusterIP" : type;
}
/// Has (or will get) addresses of its own, or is headless; an ExternalName has neither.
[[nodiscard]] inline bool needs_cluster_ip(const json::object& object) {
  return service_type(object) != "ExternalName";
}
[[nodiscard]] inline bool needs_node_port(const json::object& object) {
  return service_type(object) == "NodePort" || service_type(object) == "LoadBalancer";
}
[[nodiscard]] inline bool is_headless(const json::object& object) {
  return text_in(object, "spec", "clusterIP") == "None";
}
/// Can be reached from outside the cluster, so that externalTrafficPolicy means something.
[[nodiscard]] inline bool is_externally_accessible(const json::object& object) {
  if (needs_node_port(object)) return true;
  const auto* external = array_in(object, "spec", "externalIPs");
  return service_type(object) == "ClusterIP" && external != nullptr && !external->empty();
}
/// A load balancer asks each node whether it has an endpoint.
[[nodiscard]] inline bool needs_health_check(const json::object& object) {
  return service_type(object) == "LoadBalancer" &&
         text_in(object, "spec", "externalTrafficPolicy") == "Local";
}

/// spec.clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy: each by itself, and all together.
void check_service_addresses(const FieldCursor& spec);
/// Which of them an update may change.
void check_service_address_changes(const FieldCursor& object, const json::object& old);

}  // namespace podwire::kube
