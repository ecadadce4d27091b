#pragma once
#include <string>
#include <vector>

#include "kube/types/endpoint_slice.h"
#include "kube/types/service.h"
#include "plan/service_proxy.h"

/// Services and slices as tests want them.
namespace podwire::plan::testing {

inline IpAddr ip(const std::string& text) { return IpAddr::parse(text).value(); }
inline Cidr cidr(const std::string& text) { return Cidr::parse(text).value(); }

inline kube::Service service(const std::string& name, const std::vector<std::string>& cluster_ips,
                             int port = 80) {
  kube::Service out;
  out.meta.namespace_ = "default";
  out.meta.name = name;
  for (const auto& address : cluster_ips) {
    out.cluster_ips.push_back(ip(address));
    out.families.push_back(out.cluster_ips.back().family());
  }
  out.ports.push_back({.name = "", .protocol = "TCP", .port = port});
  return out;
}

/// "10.244.0.2@node1": ready; with '~' behind it: ending, but still serving; with '!': neither.
inline kube::EndpointSlice slice(const std::string& service, const std::vector<std::string>& endpoints,
                                 int port = 8080, const std::string& port_name = "") {
  kube::EndpointSlice out;
  out.meta.namespace_ = "default";
  out.meta.name = service + "-x";
  kube::set(out.meta.labels, "kubernetes.io/service-name", service);
  out.address_type = "IPv4";
  out.ports.push_back({.name = port_name, .protocol = "TCP", .port = port});
  for (auto text : endpoints) {
    kube::Endpoint one;
    if (text.ends_with('~') || text.ends_with('!')) {
      one.ready = false;
      one.serving = one.terminating = text.ends_with('~');
      text.pop_back();
    }
    const auto at = text.find('@');
    one.addresses = {text.substr(0, at)};
    if (at != std::string::npos) one.node_name = text.substr(at + 1);
    if (one.addresses[0].find(':') != std::string::npos) out.address_type = "IPv6";
    out.endpoints.push_back(std::move(one));
  }
  return out;
}

inline ProxyOptions on_node(const std::string& name) {
  return {.node = {.name = name, .zone = "a"}, .node_addresses = {ip("10.89.0.10"), ip("fd89::10")}};
}

inline PlannedService planned(const kube::Service& service, const std::vector<kube::EndpointSlice>& slices,
                              const ProxyOptions& options = on_node("node1")) {
  std::vector<const kube::EndpointSlice*> pointers;
  for (const auto& one : slices) pointers.push_back(&one);
  return plan_service(service, pointers, options);
}

inline std::string shown(const std::vector<Target>& targets) {
  std::string out;
  for (const auto& t : targets)
    out += (out.empty() ? "" : " ") + t.address.str() + ":" + std::to_string(t.port);
  return out;
}

/// One line a frontend: "10.96.0.1:80/tcp -> 10.244.0.2:8080 (pods stay)".
inline std::string shown(const PlannedService& planned) {
  std::string out;
  for (const auto& port : planned.ports)
    for (const auto& frontend : port.frontends) {
      out += describe(frontend.at) + (frontend.at.inside ? " inside" : "") + " -> ";
      if (!frontend.pool) {
        out += frontend.otherwise == NoEndpoints::drop ? "drop\n" : "refuse\n";
        continue;
      }
      const auto& pool = port.pools.at(*frontend.pool);
      out += shown(pool.targets);
      out += pool.source == PoolSource::masquerade ? " (masquerade)\n"
             : pool.source == PoolSource::stays    ? " (stays)\n"
                                                   : " (pods stay)\n";
    }
  return out;
}

}  // namespace podwire::plan::testing
