#include "plan/repair.h"

#include <algorithm>
#include <map>
#include <utility>

namespace podwire::plan {
namespace {

using ServiceName = std::pair<std::string, std::string>;

ServiceName name_of(const ServiceRecord& service) { return {service.ns, service.name}; }

std::string shown(const ServiceName& service) { return service.first + "/" + service.second; }

std::string shown(const IpAddr& addr) {
  return "[" + std::string(podwire::name_of(addr.family())) + "]: " + addr.str();
}

class AddressCheck {
 public:
  AddressCheck(std::span<const ServiceRecord> services, std::span<const AddressRecord> addresses,
               const ClusterIps& ranges, std::chrono::sys_seconds now)
      : services_(services), ranges_(ranges), now_(now) {
    for (const auto& service : services)
      for (const auto& addr : service.addresses) holds_.insert({name_of(service), addr});
    for (const auto& service : services) names_.insert(name_of(service));
    for (const auto& record : addresses) records_.emplace(record.addr, &record);
  }

  AddressRepair run() {
    for (const auto& service : services_)
      for (const auto& addr : service.addresses) check_service(name_of(service), addr);
    for (const auto& [addr, record] : records_) check_record(*record);
    return std::move(out_);
  }

 private:
  void warn(const ServiceName& service, const IpAddr& addr, std::string reason, std::string message) {
    out_.warnings.push_back({service.first, service.second, addr, std::move(reason), std::move(message)});
  }

  void make(const ServiceName& service, const IpAddr& addr) {
    out_.create.push_back({addr, service.first, service.second});
    settled_.insert(addr);
  }

  void remake(const ServiceName& service, const IpAddr& addr) {
    out_.remove.push_back(addr);
    make(service, addr);
  }

  void check_service(const ServiceName& service, const IpAddr& addr) {
    if (!ranges_.knows(addr)) {
      warn(service, addr, "ClusterIPOutOfRange",
           "Cluster IP " + shown(addr) +
               " is not within any configured Service CIDR; please recreate service");
      return;
    }
    const auto it = records_.find(addr);
    const AddressRecord* record = it == records_.end() ? nullptr : it->second;
    const auto parent = record == nullptr ? ServiceName() : ServiceName(record->ns, record->service);
    const bool others = record != nullptr && parent != service && holds_.contains({parent, addr});
    if (others || settled_.contains(addr)) {
      warn(service, addr, "ClusterIPAlreadyAllocated",
           "Cluster IP " + shown(addr) + " was assigned to multiple services; please recreate service");
    } else if (record == nullptr) {
      warn(service, addr, "ClusterIPNotAllocated",
           "Cluster IP " + shown(addr) + " is not allocated; repairing");
      make(service, addr);
    } else if (parent != service) {
      warn(service, addr, "ClusterIPNotAllocated",
           "the ClusterIP " + shown(addr) + " for Service " + shown(service) +
               " has a wrong reference; repairing");
      remake(service, addr);
    } else if (!record->labels_right) {
      remake(service, addr);
    }
  }

  void check_record(const AddressRecord& record) {
    if (!record.managed || settled_.contains(record.addr)) return;
    const auto parent = ServiceName(record.ns, record.service);
    const auto remove = [&](std::string reason, std::string message) {
      out_.remove.push_back(record.addr);
      warn({}, record.addr, std::move(reason), std::move(message));
    };
    if (parent == ServiceName()) {
      remove("IPAddressNotAllocated", "IPAddress: " + record.addr.str() +
                                          " appears to have been modified, not referencing a Service: "
                                          "cleaning up");
    } else if (!names_.contains(parent)) {
      if (now_ - record.created > kAddressGrace)
        remove("IPAddressNotAllocated", "IPAddress: " + record.addr.str() + " for Service " + shown(parent) +
                                            " appears to have leaked: cleaning up");
    } else if (!holds_.contains({parent, record.addr}) && now_ - record.created > kAddressGrace) {
      // An update takes its addresses before it is written, too.
      remove("IPAddressWrongReference", "IPAddress: " + record.addr.str() + " for Service " + shown(parent) +
                                            " has a wrong reference; cleaning up");
    }
  }

  std::span<const ServiceRecord> services_;
  const ClusterIps& ranges_;
  std::chrono::sys_seconds now_;
  std::set<std::pair<ServiceName, IpAddr>> holds_;
  std::set<ServiceName> names_;
  std::map<IpAddr, const AddressRecord*> records_;
  std::set<IpAddr> settled_;  // made, or made again, for some Service
  AddressRepair out_;
};

}  // namespace

AddressRepair repair_addresses(std::span<const ServiceRecord> services,
                               std::span<const AddressRecord> addresses, const ClusterIps& ranges,
                               std::chrono::sys_seconds now) {
  return AddressCheck(services, addresses, ranges, now).run();
}

PortRepair repair_ports(std::span<const ServiceRecord> services, const NodePorts& ports,
                        const std::set<unsigned>& suspects) {
  PortRepair out;
  std::set<unsigned> used;
  for (const auto& service : services) {
    for (const auto port : service.ports) {
      const auto warn = [&](std::string reason, const std::string& what) {
        out.warnings.push_back(
            {service.ns, service.name, {}, std::move(reason), "Port " + std::to_string(port) + " " + what});
      };
      if (!used.insert(port).second) {
        warn("PortAlreadyAllocated", "was assigned to multiple services; please recreate service");
        continue;
      }
      if (!ports.range().contains(port))
        warn("PortOutOfRange",
             "is not within the port range " + ports.range().str() + "; please recreate service");
      if (ports.contains(port)) continue;
      if (ports.range().contains(port)) warn("PortNotAllocated", "is not allocated; repairing");
      out.occupy.push_back(port);
    }
  }
  for (const auto port : ports.all()) {
    if (used.contains(port)) continue;
    if (suspects.contains(port))
      out.release.push_back(port);
    else
      out.suspects.insert(port);
  }
  return out;
}

}  // namespace podwire::plan
