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

/// Kinds are told apart by name alone: no two groups have one of the same name with other columns, and both
/// Events share theirs.
Find layout_of(std::string_view kind) {
  static const std::unordered_map<std::string_view, Find> layouts = {
      {"Pod", pod_layout},
      {"Node", node_layout},
      {"Namespace", namespace_layout},
      {"Service", service_layout},
      {"Endpoints", endpoints_layout},
      {"EndpointSlice", endpoint_slice_layout},
      {"NetworkPolicy", network_policy_layout},
      {"ServiceCIDR", service_cidr_layout},
      {"IPAddress", ip_address_layout},
      {"Deployment", deployment_layout},
      {"ReplicaSet", replica_set_layout},
      {"DaemonSet", daemon_set_layout},
      {"Event", event_layout},
      {"Lease", lease_layout},
      {"ConfigMap", config_map_layout},
      {"Secret", secret_layout},
      {"ServiceAccount", service_account_layout},
      {"Role", role_layout},
      {"ClusterRole", role_layout},
      {"RoleBinding", binding_layout},
      {"ClusterRoleBinding", binding_layout},
  };
  const auto it = layouts.find(kind);
  return it == layouts.end() ? default_layout : it->second;
}

}  // namespace

const Layout& default_layout() {
  static const Layout layout{{name_column(), age_column()}, default_cells};
  return layout;
}

json::array columns_of(const Resource& resource) {
  const auto& layout = layout_of(resource.kind)();
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

json::array cells_of(const Resource& resource, const json::object& object, std::chrono::sys_seconds now) {
  return layout_of(resource.kind)().cells(object, now);
}

}  // namespace podwire::kube
