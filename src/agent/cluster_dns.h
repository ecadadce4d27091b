#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/companion.h"

namespace podwire::agent {

/// The flags of `podwire agent` about DNS, as text.
struct DnsFlags {
  std::optional<bool> serve;  ///< --dns, --no-dns; none: with --run-pods, where the address is known
  std::optional<std::string> upstream;  ///< --upstream-dns ADDR[,ADDR]; none: as resolv.conf says
  std::string resolv_conf = "/etc/resolv.conf";
};

/// The cluster's DNS on this node: its addresses are put on lo, so that what pods and the node send there is
/// for this machine, and are answered on port 53 from the Services and EndpointSlices of the API. Nothing is
/// answered before both are complete. stop() takes the addresses away. nullptr: not to be served.
[[nodiscard]] Result<std::unique_ptr<Companion>> cluster_dns(const DnsFlags& flags, bool run_pods);

/// The addresses of resolv.conf's "nameserver" lines; what is no address is passed over.
[[nodiscard]] std::vector<IpAddr> nameservers(std::string_view resolv_conf);

}  // namespace podwire::agent
