#pragma once
#include <chrono>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "plan/cluster_ips.h"
#include "plan/node_ports.h"

/// What a server does now and then to find what a crash, a bug or a hand at the wrong place left behind:
/// addresses and ports that no Service has any more, and those that a Service has but nobody wrote down.
/// Pure: from lists of what there is to what is to be done.
namespace podwire::plan {

/// A Service's name and what it holds.
struct ServiceRecord {
  std::string ns, name;
  std::vector<IpAddr> addresses;  ///< clusterIPs; none where it is headless or an ExternalName
  std::vector<unsigned> ports;    ///< nodePorts, each once, and the healthCheckNodePort
};

/// An IPAddress object.
struct AddressRecord {
  IpAddr addr;
  std::string ns, service;   ///< the Service of its parentRef; both empty: it has no Service for a parent
  bool managed = true;       ///< its managed-by label says that it was made for a ClusterIP
  bool labels_right = true;  ///< managed, and its ip-family label is its family's
  std::chrono::sys_seconds created;
};

/// An Event of type Warning.
struct RepairWarning {
  std::string ns, service;  ///< about that Service; both empty: about the IPAddress
  IpAddr addr;
  std::string reason, message;
  friend bool operator==(const RepairWarning&, const RepairWarning&) = default;
};

struct AddressRepair {
  struct Made {
    IpAddr addr;
    std::string ns, service;
    friend bool operator==(const Made&, const Made&) = default;
  };
  std::vector<IpAddr> remove;  ///< IPAddress objects; do these first
  std::vector<Made> create;    ///< IPAddress objects for Services
  std::vector<RepairWarning> warnings;
};

/// How long an IPAddress may be there before its Service is.
inline constexpr std::chrono::seconds kAddressGrace{60};

[[nodiscard]] AddressRepair repair_addresses(std::span<const ServiceRecord> services,
                                             std::span<const AddressRecord> addresses,
                                             const ClusterIps& ranges, std::chrono::sys_seconds now);

struct PortRepair {
  std::vector<unsigned> release;  ///< held for no Service, now as in the round before
  std::vector<unsigned> occupy;   ///< a Service has them
  std::vector<RepairWarning> warnings;
  std::set<unsigned>
      suspects;  ///< for the next round: a Service that is just being made holds its ports first
};

[[nodiscard]] PortRepair repair_ports(std::span<const ServiceRecord> services, const NodePorts& ports,
                                      const std::set<unsigned>& suspects);

}  // namespace podwire::plan
