#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "plan/cluster_ips.h"
#include "plan/node_ports.h"
#include "plan/service_fields.h"

namespace podwire::plan {

/// What a Service is to get, keep and lose.
struct AddressPlan {
  struct Address {
    std::size_t index;  ///< in cluster_ips
    Family family;
    std::optional<IpAddr> chosen;  ///< by the client; none: any
  };
  struct NodePort {
    std::vector<std::size_t> ports;  ///< those that share it: indices in ports
    unsigned chosen = 0;             ///< 0: any
  };

  ServiceFields fields;  ///< the Service as it shall be, with "" and 0 where something is still to be given
  std::vector<Address> addresses;
  std::vector<NodePort> node_ports;
  std::optional<unsigned> health_check;  ///< to be taken: the one chosen, 0: any
  std::vector<IpAddr> released_addresses;
  std::vector<unsigned> released_ports;
};

/// Why not: fields that are wrong (422), or why nothing could be given (500), which is then not empty.
struct AddressRefusal {
  FieldRefusals fields;
  std::string internal;
};

/// From what a Service was (nullptr: it is new) and what its client wants it to be to what that takes.
/// `cluster`: the families that the cluster gives ClusterIPs of, its first the default.
///
/// `now` has what the client left out and the server knows already (kube/rules' prepare_update). Pure;
/// nothing is taken yet. The way of a write: prepare, plan_addresses, take, write `fields` into the object,
/// validate, commit, release. Where a step behind take fails, and at the end of a dry run: undo.
std::expected<AddressPlan, AddressRefusal> plan_addresses(const ServiceFields* old, const ServiceFields& now,
                                                          const std::vector<Family>& cluster);

/// What a Service that is deleted gives back, in released_addresses and released_ports.
[[nodiscard]] AddressPlan plan_removal(const ServiceFields& old);

/// Takes all that is asked for, or nothing, and fills it into plan.fields.
std::expected<void, AddressRefusal> take(AddressPlan& plan, ClusterIps& ips, NodePorts& ports);
/// Gives back what take took.
void undo(const AddressPlan& plan, ClusterIps& ips, NodePorts& ports);
/// Frees what the Service has lost, after the commit.
void release(const AddressPlan& plan, ClusterIps& ips, NodePorts& ports);

}  // namespace podwire::plan
