#pragma once
#include <boost/asio/io_context.hpp>
#include <span>
#include <string>
#include <vector>

#include "agent/identity.h"
#include "agent/options.h"
#include "http/client.h"

namespace podwire::agent {

/// Why something did not work, and whether it is of use to try again.
struct Obstacle {
  Error error;
  bool lasts = false;
};
template <class T>
using Attempt = std::expected<T, Obstacle>;

/// What a podwire server tells its nodes of the cluster.
struct ClusterFacts {
  std::vector<Cidr> cluster_cidrs, service_cidrs;
  std::vector<IpAddr> cluster_dns;
  std::string cluster_domain;
};

struct Joined {
  Identity identity;
  ClusterFacts cluster;
};

struct JoinRequest {
  std::string url;
  pki::JoinToken token;
  std::string node;
  std::vector<IpAddr> addresses;  ///< for which the certificate is to be good, beside the node's name
  std::string data_dir;
};

/// Becomes a node of the cluster, once: fetches its CA and compares it with the token's hash; only then sends
/// the token's secret. The identity that is in the data directory is taken again as long as it is good; a new
/// one is stored there before this returns.
http::Task<Attempt<Joined>> join_cluster(boost::asio::io_context& io, JoinRequest request);

}  // namespace podwire::agent
