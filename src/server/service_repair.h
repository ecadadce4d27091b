#pragma once
#include <memory>
#include <set>
#include <vector>

#include "plan/repair.h"
#include "server/registry.h"
#include "server/service_pool.h"

namespace podwire::server {

/// Brings IPAddress objects and the pool of node ports in line with the Services: what a crash, a bug or a
/// hand at the wrong place left behind. plan/repair decides; what it has to say becomes Events.
class ServiceRepair {
 public:
  ServiceRepair(Registry& registry, std::shared_ptr<ServicePool> pool)
      : registry_(registry), pool_(std::move(pool)) {}

  /// One look at everything, in pieces between which others run; then the most urgent of what is to be done.
  /// If more remains the pool wants a repair again.
  Task<void> round();

 private:
  struct Seen {
    std::vector<plan::ServiceRecord> services;
    std::vector<plan::AddressRecord> addresses;
  };
  Task<bool> look(Seen& seen);
  Task<void> repair_addresses(const Seen& seen);
  Task<void> remove(IpAddr address);
  Task<void> create(plan::AddressRepair::Made made);
  Task<void> warn(std::vector<plan::RepairWarning> warnings, std::string component);
  void repair_ports(const plan::PortRepair& ports);

  Registry& registry_;
  std::shared_ptr<ServicePool> pool_;
  std::set<unsigned> suspects_;
};

}  // namespace podwire::server
