#pragma once
#include <memory>

#include "agent/companion.h"

namespace podwire::agent {

struct ServiceProxyOptions {
  bool external_ips = true;
  bool masquerade_all = false;
  /// Where node ports are answered; empty: at the node's own addresses as its Node says.
  std::vector<IpAddr> node_port_addresses;
};

/// Makes Services real on this node, in place of kube-proxy: watches Services and EndpointSlices, and holds
/// the maps of services.nft to what they mean here. No rule is written before both are known. What it made
/// stays when it ends. On the agent's thread; a change of one Service costs that Service.
class ServiceProxy final : public Companion {
 public:
  explicit ServiceProxy(ServiceProxyOptions options);
  ~ServiceProxy() override;
  Result<> start(const Site& site) override;
  http::Task<void> stop() override;

 private:
  class Core;
  ServiceProxyOptions options_;
  std::unique_ptr<Core> core_;
};

}  // namespace podwire::agent
