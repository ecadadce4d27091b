#pragma once
#include <string>
#include <vector>

#include "kernel/sysctl/sysctl.h"
#include "state/network.h"

namespace podwire::agent {

/// One key of /proc/sys and what it has to be.
struct Setting {
  std::string key, value;
  friend bool operator==(const Setting&, const Setting&) = default;
};

/// What a node's kernel must be set to for these podCIDRs and tunnels. Pure; in the order in which it is
/// done: a link that takes router advertisements goes on taking them as a router.
[[nodiscard]] std::vector<Setting> node_settings(const std::vector<Cidr>& pod_cidrs,
                                                 const state::Network& network,
                                                 const std::vector<std::string>& advertised);

/// Of these links those that take IPv6 router advertisements now (accept_ra=1), which the kernel would stop
/// as soon as it forwards.
[[nodiscard]] std::vector<std::string> links_with_advertisements(kernel::Sysctl& sysctl,
                                                                 const std::vector<std::string>& links);

/// Writes those that differ. Returns them; what cannot be written is one error about all.
Result<std::vector<Setting>> hold(kernel::Sysctl& sysctl, const std::vector<Setting>& settings);

}  // namespace podwire::agent
