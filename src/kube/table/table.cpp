#include "kube/table/table.h"

#include <unordered_map>

#include "kube/table/cells.h"
#include "kube/table/layout.h"

namespace podwire::kube {
namespace {

json::array default_cells(const json::object& object, std::chrono::sys_seconds now) {
  return {name_of(object), age_of(object, now)};
}

using Find = const Layout& (*)();

Find layout_of(std::string_view resource) {
  static const std::unordered_map<std::string_view, Find> layouts = {
      {"pods", pod_layout},
      {"nodes", node_layout},
      {"namespaces", namespace_layout},
      {"services", service_layout},
      {"endpoints", endpoints_layout},
      {"endpointslices.discovery.k8s.io", endpoint_slice_layout},
      {"networkpolicies.networking.k8s.io", network_policy_layout},
      {"servicecidrs.networking.k8s.io", service_cidr_layout},
      {"ipaddresses.networking.k8s.io", ip_address_layout},
      {"addressblocks.podwire.io", address_block_layout},
      {"deployments.apps", deployment_layout},
      {"replicasets.apps", replica_set_layout},
      {"daemonsets.apps", daemon_set_layout},
      {"events", event_layout},
      {"events.events.k8s.io", event_layout},
      {"leases.coordination.k8s.io", lease_layout},
      {"configmaps", config_map_layout},
      {"secrets", secret_layout},
      {"serviceaccounts", service_account_layout},
      {"roles.rbac.authorization.k8s.io", role_layout},
      {"clusterroles.rbac.authorization.k8s.io", role_layout},
      {"rolebindings.rbac.authorization.k8s.io", binding_layout},
      {"clusterrolebindings.rbac.authorization.k8s.io", binding_layout},
  };
  const auto it = layouts.find(resource);
  return it == layouts.end() ? default_layout : it->second;
}

}  // namespace

const Layout& default_layout() {
  static const Layout layout{{name_column(), age_column()}, default_cells};
  return layout;
}

json::array columns_of(std::string_view resource) {
  const auto& layout = layout_of(resource)();
  json::array out;
  out.reserve(layout.columns.size());
  for (const auto& column : layout.columns)
    out.push_back(json::object{{"name", column.name},
                               {"type", column.type},
                               {"format", column.format},
                               {"description", column.description},
                               {"priority", column.priority}});
  return out;
}

json::array cells_of(std::string_view resource, const json::object& object, std::chrono::sys_seconds now) {
  return layout_of(resource)().cells(object, now);
}

}  // namespace podwire::kube
