#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kube/types/endpoint_slice.h"
#include "kube/types/service.h"
#include "plan/service_endpoints.h"

namespace podwire::plan {

/// What a pool does with the source address of the packets that it answers for.
enum class PoolSource : std::uint8_t {
  pods_stay,   ///< that of pods stays; all others' becomes the node's
  masquerade,  ///< becomes the node's
  stays,       ///< stays whoever it is
};

/// Endpoints among which one is chosen for each connection.
struct ServicePool {
  Family family = Family::v4;
  std::uint8_t protocol = 6;  ///< IPPROTO_*
  PoolSource source = PoolSource::pods_stay;
  std::vector<Target> targets;         ///< never empty; sorted
  std::uint32_t affinity_seconds = 0;  ///< 0: none
  friend bool operator==(const ServicePool&, const ServicePool&) = default;
};

/// Where a Service is found.
struct Frontend {
  std::optional<IpAddr> address;  ///< none: this node's own (a node port)
  Family family = Family::v4;
  std::uint8_t protocol = 6;
  std::uint16_t port = 0;
  bool inside = false;  ///< only for pods and this node, in place of the one for everybody
  friend auto operator<=>(const Frontend&, const Frontend&) = default;
};

enum class NoEndpoints : std::uint8_t { refuse, drop };

struct PlannedFrontend {
  Frontend at;
  std::optional<std::size_t> pool;  ///< index into pools; none: `otherwise`
  NoEndpoints otherwise = NoEndpoints::refuse;
  friend bool operator==(const PlannedFrontend&, const PlannedFrontend&) = default;
};

/// A frontend that only some may reach (loadBalancerSourceRanges).
struct GuardedFrontend {
  Frontend at;
  std::vector<Cidr> admitted;
  friend bool operator==(const GuardedFrontend&, const GuardedFrontend&) = default;
};

/// One port of a Service by its own name: "default/hello:http", "default/hello" for a port without one.
struct PlannedPort {
  std::string name;
  std::vector<PlannedFrontend> frontends;
  std::vector<ServicePool> pools;
  std::vector<Target> serving;   ///< of both families: flows to others are stale
  std::vector<IpAddr> hairpins;  ///< endpoints on this node
  friend bool operator==(const PlannedPort&, const PlannedPort&) = default;
};

struct HealthCheck {
  std::uint16_t port = 0;
  std::size_t local_endpoints = 0;
  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

/// What one Service means on this node.
struct PlannedService {
  std::vector<PlannedPort> ports;
  std::vector<IpAddr> cluster_ips;
  std::vector<std::pair<IpAddr, IpAddr>>
      echoes;  ///< a ClusterIP, and the node's address that answers its pings
  std::vector<GuardedFrontend> guarded;
  std::optional<HealthCheck> health_check;
  std::vector<std::string> problems;  ///< what of it cannot be done, a sentence each
  friend bool operator==(const PlannedService&, const PlannedService&) = default;
};

struct ProxyOptions {
  ProxyNode node;
  std::vector<IpAddr> node_addresses;
  bool external_ips = true;     ///< false: spec.externalIPs is not served (CVE-2020-8554)
  bool masquerade_all = false;  ///< also what pods send to ClusterIPs
};

/// A Service of ours and its EndpointSlices -> frontends and pools, as kube-proxy understands them. Headless
/// ones, ExternalName and what another proxy serves (service.kubernetes.io/service-proxy-name) mean nothing
/// here. Pure; does not depend on the order of slices.
[[nodiscard]] PlannedService plan_service(const kube::Service& service,
                                          std::span<const kube::EndpointSlice* const> slices,
                                          const ProxyOptions& options);

/// "10.96.0.10:80/tcp", "*:30080/tcp".
[[nodiscard]] std::string describe(const Frontend& frontend);
/// IPPROTO_TCP, _UDP, _SCTP; nullopt for another name.
[[nodiscard]] std::optional<std::uint8_t> protocol_number(std::string_view name);
[[nodiscard]] std::string_view protocol_name(std::uint8_t number);

}  // namespace podwire::plan
