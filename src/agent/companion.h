#pragma once
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "client/api.h"

namespace podwire::agent {

/// What the agent has ready for what works beside it on its node.
struct Site {
  boost::asio::io_context& io;  ///< of the agent's one thread
  client::Api api;              ///< as this node; its http::Client outlives what stop() waits for
  std::string node_name, node_uid;
  std::vector<IpAddr> node_addresses;  ///< the InternalIPs, the primary family's first
  std::string data_dir;                ///< the agent's; a companion keeps to a directory of its own in it
  std::string conflist;                ///< path of the CNI configuration list, which is written
  std::string cni_bin_dir;
  std::vector<IpAddr> cluster_dns;                 ///< may be empty
  std::string cluster_domain;                      ///< "cluster.local"
  std::vector<Cidr> cluster_cidrs, service_cidrs;  ///< as far as they are known
  std::string cluster_ca;                          ///< PEM
  /// The node's certificate, PEM: as a client, and as a server under the node's name and addresses (port
  /// 10250). Empty where the credentials are not the agent's own (--kubeconfig with a token, in-cluster).
  std::string certificate, key;
};

/// One more part of the node, in the agent's process and on its thread: what runs its pods (--run-pods), or
/// what serves its Services.
class Companion {
 public:
  virtual ~Companion() = default;
  /// Once, when the node is registered, has its podCIDRs, and the CNI configuration is written. An error ends
  /// the agent.
  virtual Result<> start(const Site& site) = 0;
  /// Nothing of it runs any more when this returns; what it made in the kernel, and pods, stay.
  virtual http::Task<void> stop() = 0;
};

}  // namespace podwire::agent
