#include "kube/rules/rules.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kApps = "apps", kRbac = "rbac.authorization.k8s.io",
                           kNetworking = "networking.k8s.io";

constexpr std::array kTable{
    Rules{.resource = "namespaces",
          .kind = "Namespace",
          .namespaced = false,
          .name = dns1123_label,
          .fill = fill_namespace,
          .on_create = start_namespace,
          .check = check_namespace,
          .check_status = check_namespace_status},
    Rules{.resource = "nodes",
          .kind = "Node",
          .namespaced = false,
          .fill = fill_node,
          .check = check_node,
          .check_status = check_node_status},
    Rules{.resource = "pods",
          .kind = "Pod",
          .fill = fill_pod,
          .on_create = start_pod,
          .check = check_pod,
          .check_status = check_pod_status},
    Rules{.resource = "services",
          .kind = "Service",
          .name = dns1035_label,
          .fill = fill_service,
          .on_create = start_service,
          .on_update = carry_on_service,
          .check = check_service,
          .check_status = check_service_status},
    Rules{.resource = "endpoints", .kind = "Endpoints", .check = check_endpoints},
    Rules{.resource = "endpointslices.discovery.k8s.io",
          .group = "discovery.k8s.io",
          .kind = "EndpointSlice",
          .check = check_endpoint_slice},
    Rules{.resource = "networkpolicies.networking.k8s.io",
          .group = kNetworking,
          .kind = "NetworkPolicy",
          .fill = fill_network_policy,
          .check = check_network_policy},
    Rules{.resource = "servicecidrs.networking.k8s.io",
          .group = kNetworking,
          .kind = "ServiceCIDR",
          .namespaced = false,
          .check = check_service_cidr},
    Rules{.resource = "ipaddresses.networking.k8s.io",
          .group = kNetworking,
          .kind = "IPAddress",
          .namespaced = false,
          .name = ip_address_name,
          .check = check_ip_address},
    Rules{.resource = "addressblocks.podwire.io",
          .group = "podwire.io",
          .kind = "AddressBlock",
          .namespaced = false,
          .check = check_address_block},
    Rules{.resource = "configmaps", .kind = "ConfigMap", .check = check_config_map},
    Rules{.resource = "secrets", .kind = "Secret", .fill = fill_secret, .check = check_secret},
    Rules{.resource = "serviceaccounts", .kind = "ServiceAccount"},
    Rules{.resource = "leases.coordination.k8s.io",
          .group = "coordination.k8s.io",
          .kind = "Lease",
          .check = check_lease},
    Rules{.resource = "events", .kind = "Event", .check = check_core_event},
    Rules{
        .resource = "events.events.k8s.io", .group = "events.k8s.io", .kind = "Event", .check = check_event},
    Rules{.resource = "deployments.apps",
          .group = kApps,
          .kind = "Deployment",
          .fill = fill_deployment,
          .on_create = start_workload,
          .check = check_deployment,
          .check_status = check_replicas_status},
    Rules{.resource = "replicasets.apps",
          .group = kApps,
          .kind = "ReplicaSet",
          .fill = fill_replica_set,
          .on_create = start_workload,
          .check = check_replica_set,
          .check_status = check_replicas_status},
    Rules{.resource = "daemonsets.apps",
          .group = kApps,
          .kind = "DaemonSet",
          .fill = fill_daemon_set,
          .on_create = start_workload,
          .check = check_daemon_set,
          .check_status = check_daemon_set_status},
    Rules{.resource = "roles.rbac.authorization.k8s.io",
          .group = kRbac,
          .kind = "Role",
          .name = path_segment,
          .check = check_role},
    Rules{.resource = "clusterroles.rbac.authorization.k8s.io",
          .group = kRbac,
          .kind = "ClusterRole",
          .namespaced = false,
          .name = path_segment,
          .check = check_cluster_role},
    Rules{.resource = "rolebindings.rbac.authorization.k8s.io",
          .group = kRbac,
          .kind = "RoleBinding",
          .name = path_segment,
          .fill = fill_role_binding,
          .check = check_role_binding},
    Rules{.resource = "clusterrolebindings.rbac.authorization.k8s.io",
          .group = kRbac,
          .kind = "ClusterRoleBinding",
          .namespaced = false,
          .name = path_segment,
          .fill = fill_role_binding,
          .check = check_cluster_role_binding},
};

Answer<> refusal(const Rules& rules, const FieldErrors& errors, const json::object& object) {
  return errors.answer(rules.group, rules.kind, text_in(object, "metadata", "name"));
}

void keep(const json::object& from, json::object& to, std::string_view key) {
  if (const auto* value = from.if_contains(key))
    to[key] = *value;
  else
    to.erase(key);
}

}  // namespace

void Rules::default_object(json::object& object) const {
  if (fill != nullptr) fill(object);
}

void Rules::prepare_create(json::object& object) const {
  if (on_create != nullptr) on_create(object);
}

void Rules::prepare_update(json::object& object, const json::object& old) const {
  if (on_update != nullptr) on_update(object, old);
}

void Rules::prepare_status_update(json::object& object, const json::object& old) const {
  keep(old, object, "spec");
  default_object(object);
}

Answer<> Rules::validate_create(const json::object& object, const RuleOptions& options) const {
  FieldErrors errors;
  const FieldCursor root(object, errors);
  check_metadata(root, *this);
  if (check != nullptr) check(root, {.options = options});
  return refusal(*this, errors, object);
}

Answer<> Rules::validate_update(const json::object& object, const json::object& old,
                                const RuleOptions& options) const {
  FieldErrors errors;
  const FieldCursor root(object, errors);
  check_metadata_update(root, old);
  check_metadata(root, *this);
  if (check != nullptr) check(root, {.old = &old, .options = options});
  return refusal(*this, errors, object);
}

Answer<> Rules::validate_status_update(const json::object& object, const json::object& old) const {
  FieldErrors errors;
  const FieldCursor root(object, errors);
  check_metadata_update(root, old);
  check_metadata(root, *this);
  if (check_status != nullptr) check_status(root, {.old = &old});
  return refusal(*this, errors, object);
}

const Rules& rules_of(std::string_view resource) {
  const auto* it = std::ranges::find(kTable, resource, &Rules::resource);
  if (it == kTable.end()) throw std::logic_error(std::string(resource) + " has no rules");
  return *it;
}

}  // namespace podwire::kube
