#pragma once
#include <memory>

#include "server/registry.h"
#include "server/service_pool.h"

namespace podwire::server {

/// Gives Services their addresses and ports: in the commit that creates or changes a Service are also the
/// IPAddress objects of its ClusterIPs, so that neither is ever there without the other. The decisions are
/// plan/service_addresses.
class ServiceGuard final : public Guard {
 public:
  ServiceGuard(Registry& registry, std::shared_ptr<ServicePool> pool)
      : registry_(registry), pool_(std::move(pool)) {}

  kube::Answer<Taken> admit(const json::object* old, json::object* object, std::vector<Write>& also,
                            bool dry_run) override;

 private:
  kube::Answer<Taken> admit_removal(const json::object& old, std::vector<Write>& also);
  void add_address(const IpAddr& address, const json::object& service, std::vector<Write>& also) const;
  void remove_address(const IpAddr& address, std::vector<Write>& also) const;

  Registry& registry_;
  std::shared_ptr<ServicePool> pool_;
};

/// Has a registry's Services, ServiceCIDRs and IPAddresses guarded, out of one pool that knows what the store
/// holds already.
[[nodiscard]] std::shared_ptr<ServicePool> guard_services(Registry& registry, const Options& options);

}  // namespace podwire::server
