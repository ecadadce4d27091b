#pragma once
#include <memory>
#include <vector>

#include "base/addr.h"
#include "server/registry.h"
#include "server/service_pool.h"

namespace podwire::server {

/// What keeps a ServiceCIDR until no address in use needs it.
inline constexpr std::string_view kServiceCidrFinalizer = "networking.k8s.io/service-cidr-finalizer";
/// The one that the flags made.
inline constexpr std::string_view kDefaultServiceCidr = "kubernetes";

/// A ServiceCIDR's spec.cidrs; an error for one that gives no addresses.
[[nodiscard]] Result<std::vector<Cidr>> cidrs_of(const json::object& service_cidr);

/// Sets the Ready condition of a ServiceCIDR; lastTransitionTime moves only when its status changes.
void set_ready(json::object& service_cidr, bool ready, std::string_view reason, std::string_view message,
               std::chrono::sys_seconds now);

/// A new ServiceCIDR is ready, and its addresses can be had, from the commit on that creates it; from the one
/// on that gives it a deletionTimestamp no more of them are given out.
class ServiceCidrGuard final : public Guard {
 public:
  ServiceCidrGuard(const Registry& registry, std::shared_ptr<ServicePool> pool)
      : registry_(registry), pool_(std::move(pool)) {}

  kube::Answer<Taken> admit(const json::object* old, json::object* object, std::vector<Write>& also,
                            bool dry_run) override;

 private:
  const Registry& registry_;
  std::shared_ptr<ServicePool> pool_;
};

/// An IPAddress that somebody makes by hand keeps its address from Services; one that goes gives it back,
/// unless a Service has it: then the repair makes the IPAddress anew. Those of Services come and go with them
/// and pass no guard.
class IpAddressGuard final : public Guard {
 public:
  IpAddressGuard(Registry& registry, std::shared_ptr<ServicePool> pool)
      : registry_(registry), pool_(std::move(pool)) {}

  kube::Answer<Taken> admit(const json::object* old, json::object* object, std::vector<Write>& also,
                            bool dry_run) override;

 private:
  Registry& registry_;
  std::shared_ptr<ServicePool> pool_;
};

}  // namespace podwire::server
