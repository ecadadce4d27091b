#pragma once
#include <boost/asio/io_context.hpp>
#include <string>

#include "agent/node_object.h"
#include "agent/wakeup.h"
#include "client/api.h"
#include "client/informer.h"

namespace podwire::agent {

/// Keeps the Node that we are, its status, and its Lease as a sign of life: what a kubelet does where there
/// is one. A Node that somebody removes is made again, for we are still here.
class Registration {
 public:
  /// `nodes`: a cache that has at least our own Node; it is not running yet, and lives longer.
  Registration(boost::asio::io_context& io, client::Api api, client::Informer<kube::Node>& nodes,
               NodeClaim claim);

  /// What is true from now on.
  void set_addresses(std::vector<IpAddr> addresses);
  void set_ready(bool ready, std::string reason, std::string message);

  /// Each runs until it is cancelled.
  client::Task<void> keep_node();
  client::Task<void> keep_lease();

 private:
  /// Nothing is left to do, or it has failed.
  client::Task<kube::Answer<>> update();
  /// False: there is no Node yet whose Lease it would be.
  client::Task<kube::Answer<bool>> renew();

  client::Api api_;
  client::Informer<kube::Node>& nodes_;
  NodeClaim claim_;
  Wakeup changed_;
  client::Clock::Time last_status_{};
};

}  // namespace podwire::agent
