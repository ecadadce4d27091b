#pragma once
#include <boost/asio/io_context.hpp>

#include "server/access.h"

namespace podwire::server {

/// Keeps the .rules of aggregated ClusterRoles what they give (upstream's clusterrole-aggregation
/// controller). What they give does not wait for that: RBAC adds them up by itself.
class RoleSums {
 public:
  /// All three must outlive the io_context's last run.
  RoleSums(boost::asio::io_context& io, Registry& registry, const Authorizer& authorizer)
      : io_(io), registry_(registry), authorizer_(authorizer) {}

  /// A ClusterRole has changed, or may have.
  void touch();

 private:
  Task<void> write();

  boost::asio::io_context& io_;
  Registry& registry_;
  const Authorizer& authorizer_;
  bool running_ = false, again_ = false;
};

}  // namespace podwire::server
