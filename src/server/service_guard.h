#pragma once
#include <memory>

#include "plan/cluster_ips.h"
#include "plan/node_ports.h"
#include "server/options.h"
#include "server/registry.h"

namespace podwire::server {

/// Gives Services their addresses and ports: in the commit that creates or changes a Service are also the
/// IPAddress objects of its ClusterIPs, so that neither is ever there without the other. The decisions are
/// plan/service_addresses.
class ServiceGuard final : public Guard {
 public:
  /// Learns from the store what is in use already.
  ServiceGuard(Registry& registry, const Options& options);

  kube::Answer<Taken> admit(const json::object* old, json::object* object, std::vector<Write>& also,
                            bool dry_run) override;

 private:
  kube::Answer<Taken> admit_removal(const json::object& old, std::vector<Write>& also);
  void add_address(const IpAddr& address, const json::object& service, std::vector<Write>& also) const;
  void remove_address(const IpAddr& address, std::vector<Write>& also) const;

  Registry& registry_;
  std::vector<Family> families_;
  plan::ClusterIps ips_;
  plan::NodePorts ports_;
};

}  // namespace podwire::server
