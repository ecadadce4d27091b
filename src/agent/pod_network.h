#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>

#include "agent/node_kernel.h"
#include "agent/options.h"
#include "agent/trouble.h"
#include "agent/wakeup.h"
#include "client/api.h"
#include "client/informer.h"
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
             NodeKernel& kernel, const Options& options);

  /// Something is other than it was: look at it, soon.
  void touch() { changed_.set(); }
  /// Our own addresses, where they are ours to say; else (none) those of our Node count.
  void set_addresses(std::vector<IpAddr> addresses) { addresses_ = std::move(addresses); }

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
  /// Says what was a problem the last time already; the next look may be soon.
  void complain(std::vector<plan::NetworkProblem> problems);
  void set(Readiness readiness);

  client::Api api_;
  client::Informer<kube::Node>& nodes_;
  NodeKernel& kernel_;
  const Options& options_;
  Wakeup changed_;
  std::vector<IpAddr> addresses_;
  Readiness readiness_;
  std::function<void()> handler_;
  std::vector<plan::NetworkProblem> problems_, said_;   ///< of the last look; that the log has been told
  std::optional<std::vector<std::string>> advertised_;  ///< links that take router advertisements
};

}  // namespace podwire::agent
