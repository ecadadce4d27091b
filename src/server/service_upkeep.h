#pragma once
#include <chrono>
#include <memory>
#include <vector>

#include "server/registry.h"
#include "server/service_pool.h"
#include "server/service_repair.h"

namespace podwire::server {

/// What has to be done about Services' addresses without anybody asking: ServiceCIDRs that are deleted go
/// when no address needs them any more, and the repair takes its rounds.
class ServiceUpkeep {
 public:
  ServiceUpkeep(Registry& registry, const std::shared_ptr<ServicePool>& pool)
      : registry_(registry), pool_(pool), repair_(registry, pool) {}

  /// To be called every second or so.
  Task<void> tick();
  /// At the start, when the default ServiceCIDR is there: it may be another one than the flags say (which is
  /// told, and left to people), or lack the second family (which it gets).
  Task<void> compare_with_flags(std::vector<Cidr> flags);

 private:
  Task<void> finish_deletions();
  Task<void> finish_deletion(const Object& service_cidr);

  Registry& registry_;
  std::shared_ptr<ServicePool> pool_;
  ServiceRepair repair_;
  std::chrono::sys_seconds next_round_;
};

}  // namespace podwire::server
