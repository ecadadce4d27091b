#pragma once
#include <chrono>
#include <string_view>
#include <vector>

#include "kube/json.h"

namespace podwire::kube {

struct Column {
  std::string_view name, type, format, description;
  int priority = 0;
};

/// The Table of one kind. `cells` gives as many as there are columns.
struct Layout {
  std::vector<Column> columns;
  json::array (*cells)(const json::object& object, std::chrono::sys_seconds now);
};

// Every kind that has columns of its own.
const Layout& pod_layout();
const Layout& node_layout();
const Layout& namespace_layout();
const Layout& service_layout();
const Layout& endpoints_layout();
const Layout& endpoint_slice_layout();
const Layout& network_policy_layout();
const Layout& service_cidr_layout();
const Layout& ip_address_layout();
const Layout& address_block_layout();
const Layout& deployment_layout();
const Layout& replica_set_layout();
const Layout& daemon_set_layout();
const Layout& event_layout();
const Layout& lease_layout();
const Layout& config_map_layout();
const Layout& secret_layout();
const Layout& service_account_layout();
const Layout& role_layout();  ///< ClusterRole, too
const Layout& binding_layout();
const Layout& default_layout();

}  // namespace podwire::kube
