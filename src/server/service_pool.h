#pragma once
#include <vector>

#include "plan/cluster_ips.h"
#include "plan/node_ports.h"
#include "server/options.h"
#include "server/store/store.h"

namespace podwire::server {

/// The addresses and node ports that Services get, and which of them are in use. ServiceCIDR objects say
/// which addresses there are; Services and IPAddress objects which are taken. Shared by the guards of the
/// three.
struct ServicePool {
  ServicePool(const Options& options, const plan::Random& random);

  /// Takes over what a store holds already. Before any guard uses the pool.
  void learn(const Store& store);

  std::vector<Family> families;  ///< of the cluster, the primary one first
  plan::ClusterIps ips;
  plan::NodePorts ports;
  bool wants_repair = true;  ///< something was found, or done, that a repair should look at soon
};

}  // namespace podwire::server
