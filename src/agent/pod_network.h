#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "agent/options.h"
#include "agent/trouble.h"
#include "agent/wakeup.h"
#include "apply/network_applier.h"
#include "client/api.h"
#include "client/informer.h"
#include "kernel/rtnl/rtnl.h"
#include "kube/types/node.h"

namespace podwire::agent {

/// Holds this node's kernel to what the Nodes say: the way to each other node's pods. Says about our own Node
/// where we take VXLAN packets, and writes the CNI configuration as soon as pods can be served. What it made
/// stays when it ends.
class PodNetwork {
 public:
  /// Whether pods can be served, and if not, why.
  struct Readiness {
    bool ready = false;
    std::string why = "the agent has just started";
    friend bool operator==(const Readiness&, const Readiness&) = default;
  };

  /// `nodes`: a cache of all Nodes; it is not running yet, and lives longer.
  PodNetwork(boost::asio::io_context& io, client::Api api, client::Informer<kube::Node>& nodes,
             std::unique_ptr<kernel::Rtnl> rtnl, const Options& options);

  void on_readiness(std::function<void()> handler) { handler_ = std::move(handler); }
  [[nodiscard]] const Readiness& readiness() const { return readiness_; }

  /// Until it is cancelled.
  client::Task<void> run();

 private:
  client::Task<Result<>> look();
  client::Task<Result<>> tell(const kube::Node& self, std::span<const plan::Underlay> underlays,
                              std::span<const plan::Vtep> vteps);
  Result<plan::NodeNetwork> hold(const kube::Node& self, std::span<const plan::Underlay> underlays,
                                 std::vector<plan::Vtep> vteps);
  Result<> write_conflist(const kube::Node& self, std::uint32_t mtu);
  void complain(const std::vector<plan::NetworkProblem>& problems);
  void set(Readiness readiness);

  client::Api api_;
  client::Informer<kube::Node>& nodes_;
  std::unique_ptr<kernel::Rtnl> rtnl_;
  const Options& options_;
  apply::NetworkApplier applier_;
  Wakeup changed_;
  Readiness readiness_;
  std::function<void()> handler_;
  std::vector<plan::NetworkProblem> problems_;  ///< that the log has been told
};

}  // namespace podwire::agent
