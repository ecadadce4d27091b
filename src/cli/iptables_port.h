#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/service_view.h"

namespace podwire::cli {

/// Rules of one family's `iptables -S`, by where they stand.
struct IptablesRules {
  std::map<std::string, std::vector<std::string>> chains;  ///< "KUBE-SVC-...": those of ports and endpoints
  std::vector<std::string> services;                       ///< of KUBE-SERVICES
  std::vector<std::string> node_ports;                     ///< of KUBE-NODEPORTS
  std::vector<std::string> filter;                         ///< of table filter: what has no endpoints
};

/// Adds what one port of a Service would have. `pods`: the cluster CIDR; none: everybody counts as a pod.
void add_port(const plan::SeenPort& port, Family family, const std::optional<Cidr>& pods, IptablesRules& out);

}  // namespace podwire::cli
