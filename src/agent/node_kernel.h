#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/node_settings.h"
#include "apply/network_applier.h"
#include "apply/podwire_table.h"
#include "client/clock.h"
#include "kernel/host.h"
#include "kernel/nft/monitor.h"
#include "kernel/rtnl/monitor.h"

namespace podwire::agent {

/// What the kernel of this node is to hold for its pods.
struct NodeWanted {
  state::Network network;
  state::NftElements elements;  ///< of the table `inet podwire`
  std::vector<Setting> settings;
};

/// The kernel of this node (the namespace we are in), and a watch over what we made in it. Nothing is taken
/// away when this ends. On the io_context's one thread.
class NodeKernel {
 public:
  static Result<std::unique_ptr<NodeKernel>> open(boost::asio::io_context& io, kernel::Host& host);

  [[nodiscard]] kernel::Rtnl& rtnl() { return *rtnl_; }
  [[nodiscard]] kernel::Sysctl& sysctl() { return *sysctl_; }

  /// Does the difference to what is there. Not all of it may work; the rest is done nevertheless, and all
  /// failures come as one error.
  Result<> hold(NodeWanted wanted);
  /// The next hold() reads again what is there, whatever we know.
  void distrust() { network_.distrust(); }

  /// Called when somebody else has changed what we hold, or a link or an address of the machine: the next
  /// hold() will see it.
  void on_disturbance(std::function<void()> handler) { handler_ = std::move(handler); }
  // Each runs until it is cancelled.
  client::Task<void> watch_network();
  client::Task<void> watch_table();
  client::Task<void> watch_settings();

 private:
  NodeKernel(boost::asio::io_context& io, kernel::RtnlMonitor rtnl_monitor, kernel::NftMonitor nft_monitor,
             std::unique_ptr<kernel::Rtnl> rtnl, std::unique_ptr<kernel::Nft> nft,
             std::unique_ptr<kernel::Sysctl> sysctl);
  bool is_disturbed_by(const kernel::RtnlEvent& event);
  Result<> hold_table(const state::NftElements& elements);
  void disturbed();

  boost::asio::io_context& io_;
  kernel::RtnlMonitor rtnl_monitor_;
  kernel::NftMonitor nft_monitor_;
  std::unique_ptr<kernel::Rtnl> rtnl_;
  std::unique_ptr<kernel::Nft> nft_;
  std::unique_ptr<kernel::Sysctl> sysctl_;
  apply::NetworkApplier network_;
  apply::PodwireTable table_;
  std::vector<Setting> settings_;
  std::function<void()> handler_;
};

}  // namespace podwire::agent
