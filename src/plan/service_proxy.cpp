#include "plan/service_proxy.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <set>

namespace podwire::plan {
namespace {

constexpr std::string_view kProxyName = "service.kubernetes.io/service-proxy-name";
constexpr std::string_view kHeadless = "service.kubernetes.io/headless";

bool is_ours(const kube::Service& s) {
  if (s.type == "ExternalName" || s.headless) return false;
  return kube::find(s.meta.labels, kProxyName) == nullptr && kube::find(s.meta.labels, kHeadless) == nullptr;
}

/// The networks that lie in no other one: the kernel's intervals must not overlap. Sorted.
std::vector<Cidr> without_nested(std::vector<Cidr> networks) {
  std::ranges::sort(networks);  // by the first address, the wider one first
  std::vector<Cidr> out;
  for (const auto& network : networks)
    if (out.empty() || !out.back().contains(network.first())) out.push_back(network);
  return out;
}

/// Plans one port of a Service for one family.
class PortPlan {
 public:
  PortPlan(const kube::Service& service, const kube::ServicePort& port, std::uint8_t protocol, Family family,
           EndpointChoice endpoints, const ProxyOptions& options, PlannedPort& out, PlannedService& whole)
      : service_(service),
        port_(port),
        protocol_(protocol),
        family_(family),
        endpoints_(std::move(endpoints)),
        options_(options),
        out_(out),
        whole_(whole) {}

  void plan() {
    for (const auto& address : service_.cluster_ips) add_cluster_ip(address);
    if (options_.external_ips)
      for (const auto& address : service_.external_ips) add_external(at(address));
    for (const auto& address : service_.load_balancer_ips) add_load_balancer(address);
    if (port_.node_port > 0 && port_.node_port <= 65535) {
      Frontend node_port = at({});
      node_port.port = static_cast<std::uint16_t>(port_.node_port);
      add_external(node_port);
    }
    out_.serving.insert(out_.serving.end(), endpoints_.serving.begin(), endpoints_.serving.end());
    for (const auto& target : endpoints_.local_usable) out_.hairpins.push_back(target.address);
  }

 private:
  [[nodiscard]] Frontend at(std::optional<IpAddr> address) const {
    return {.address = address,
            .family = family_,
            .protocol = protocol_,
            .port = static_cast<std::uint16_t>(port_.port)};
  }

  void add(const Frontend& frontend, const std::vector<Target>& targets, PoolSource source) {
    PlannedFrontend planned{.at = frontend};
    if (!targets.empty())
      planned.pool = pool_of(targets, source);
    else
      planned.otherwise = endpoints_.any ? NoEndpoints::drop : NoEndpoints::refuse;
    if (frontend.inside && !planned.pool) return;  // then it is as for everybody
    out_.frontends.push_back(planned);
  }

  /// One pool serves all frontends that treat packets alike.
  std::size_t pool_of(const std::vector<Target>& targets, PoolSource source) {
    ServicePool wanted{
        .family = family_,
        .protocol = protocol_,
        .source = source,
        .targets = targets,
        .affinity_seconds = static_cast<std::uint32_t>(std::max(0, service_.affinity_seconds))};
    const auto found = std::ranges::find(out_.pools, wanted);
    if (found != out_.pools.end()) return static_cast<std::size_t>(found - out_.pools.begin());
    out_.pools.push_back(std::move(wanted));
    return out_.pools.size() - 1;
  }

  void add_cluster_ip(const IpAddr& address) {
    if (address.family() != family_) return;
    const bool local = service_.internal_traffic_policy == "Local";
    add(at(address), local ? endpoints_.local : endpoints_.cluster,
        options_.masquerade_all ? PoolSource::masquerade : PoolSource::pods_stay);
  }

  void add_external(const Frontend& frontend) {
    if (frontend.address && frontend.address->family() != family_) return;
    if (service_.external_traffic_policy != "Local")
      return add(frontend, endpoints_.cluster, PoolSource::masquerade);
    add(frontend, endpoints_.local, PoolSource::stays);
    // Pods and this node are no external traffic.
    Frontend inside = frontend;
    inside.inside = true;
    add(inside, endpoints_.cluster, PoolSource::pods_stay);
  }

  void add_load_balancer(const IpAddr& address) {
    if (address.family() != family_) return;
    add_external(at(address));
    if (service_.source_ranges.empty()) return;
    GuardedFrontend guarded{.at = at(address), .admitted = {}};
    for (const auto& range : service_.source_ranges)
      if (range.family() == family_) guarded.admitted.push_back(range.network());
    // On this node the balancer's address is local: what the node sends to it comes from that very address.
    const bool node_admitted = std::ranges::any_of(options_.node_addresses, [&](const IpAddr& own) {
      return std::ranges::any_of(guarded.admitted, [&](const Cidr& range) { return range.contains(own); });
    });
    if (node_admitted) guarded.admitted.push_back(Cidr::host(address));
    guarded.admitted = without_nested(guarded.admitted);
    whole_.guarded.push_back(std::move(guarded));
  }

  const kube::Service& service_;
  const kube::ServicePort& port_;
  std::uint8_t protocol_;
  Family family_;
  EndpointChoice endpoints_;
  const ProxyOptions& options_;
  PlannedPort& out_;
  PlannedService& whole_;
};

/// The families that the Service has addresses or node ports of.
std::vector<Family> families_of(const kube::Service& service) {
  std::set<Family> out(service.families.begin(), service.families.end());
  for (const auto& address : service.cluster_ips) out.insert(address.family());
  return {out.begin(), out.end()};
}

}  // namespace

PlannedService plan_service(const kube::Service& service, std::span<const kube::EndpointSlice* const> slices,
                            const ProxyOptions& options) {
  PlannedService out;
  if (!is_ours(service)) return out;
  out.cluster_ips = service.cluster_ips;
  for (const auto& address : service.cluster_ips)
    if (const auto own = std::ranges::find(options.node_addresses, address.family(), &IpAddr::family);
        own != options.node_addresses.end())
      out.echoes.emplace_back(address, *own);
  const auto whole_name = service.meta.namespace_ + "/" + service.meta.name;
  std::set<std::pair<int, std::string>> seen;
  std::size_t local_ready = 0;
  for (const auto& port : service.ports) {
    const auto protocol = protocol_number(port.protocol);
    const auto name = port.name.empty() ? whole_name : whole_name + ":" + port.name;
    if (!protocol || port.port < 1 || port.port > 65535) {
      out.problems.push_back(
          fmt::format("port {} of {}: {}/{} is no port", port.name, whole_name, port.port, port.protocol));
      continue;
    }
    if (!seen.emplace(port.port, port.protocol).second) {
      out.problems.push_back(
          fmt::format("port {}/{} of {} is there twice", port.port, port.protocol, whole_name));
      continue;
    }
    auto& planned = out.ports.emplace_back(PlannedPort{.name = name});
    for (const auto family : families_of(service)) {
      auto endpoints = choose_endpoints(slices, family, port.name, port.protocol, options.node);
      local_ready = std::max(local_ready, endpoints.local_ready);
      PortPlan(service, port, *protocol, family, std::move(endpoints), options, planned, out).plan();
    }
  }
  if (service.external_traffic_policy == "Local" && service.health_check_node_port > 0 &&
      service.health_check_node_port <= 65535)
    out.health_check = {static_cast<std::uint16_t>(service.health_check_node_port), local_ready};
  return out;
}

std::string describe(const Frontend& f) {
  const auto address = !f.address           ? std::string("*")
                       : f.address->is_v6() ? "[" + f.address->str() + "]"
                                            : f.address->str();
  return fmt::format("{}:{}/{}", address, f.port, protocol_name(f.protocol));
}

std::optional<std::uint8_t> protocol_number(std::string_view name) {
  if (name == "TCP") return IPPROTO_TCP;
  if (name == "UDP") return IPPROTO_UDP;
  if (name == "SCTP") return IPPROTO_SCTP;
  return std::nullopt;
}

std::string_view protocol_name(std::uint8_t number) {
  switch (number) {
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_SCTP:
      return "sctp";
    default:
      return "unknown";
  }
}

}  // namespace podwire::plan
