#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dns/zone.h"

namespace podwire::dns::test {

inline IpAddr addr(const char* text) { return *IpAddr::parse(text); }
inline Name name(std::string_view text) { return *Name::parse(text); }

inline kube::Service service(std::string ns, std::string name, std::vector<IpAddr> addresses,
                             std::vector<kube::ServicePort> ports = {}) {
  kube::Service out;
  out.meta.namespace_ = std::move(ns);
  out.meta.name = std::move(name);
  out.headless = addresses.empty();
  out.cluster_ips = std::move(addresses);
  out.ports = std::move(ports);
  return out;
}

inline kube::Service external(std::string ns, std::string name, std::string target) {
  auto out = service(std::move(ns), std::move(name), {});
  out.headless = false;
  out.type = "ExternalName";
  out.external_name = std::move(target);
  return out;
}

inline kube::Endpoint endpoint(std::string address, std::string hostname = "", bool ready = true) {
  return {.addresses = {std::move(address)}, .ready = ready, .hostname = std::move(hostname)};
}

inline kube::EndpointSlice slice(std::string ns, std::string name, const std::string& service,
                                 std::vector<kube::Endpoint> endpoints,
                                 std::vector<kube::EndpointPort> ports = {}) {
  kube::EndpointSlice out;
  out.meta.namespace_ = std::move(ns);
  out.meta.name = std::move(name);
  kube::set(out.meta.labels, "kubernetes.io/service-name", service);
  out.endpoints = std::move(endpoints);
  out.ports = std::move(ports);
  return out;
}

inline std::string shown(const Record& record) {
  struct Visitor {
    std::string operator()(const IpAddr& address) const {
      return (address.is_v4() ? "A " : "AAAA ") + address.str();
    }
    std::string operator()(const Alias& alias) const { return "CNAME " + alias.target.str(); }
    std::string operator()(const Pointer& pointer) const { return "PTR " + pointer.target.str(); }
    std::string operator()(const NameServer& server) const { return "NS " + server.host.str(); }
    std::string operator()(const Text& text) const { return "TXT " + text.text; }
    std::string operator()(const Srv& srv) const {
      return fmt::format("SRV {} {} {} {}", srv.priority, srv.weight, srv.port, srv.target.str());
    }
    std::string operator()(const Soa& soa) const { return "SOA " + soa.server.str(); }
  };
  return record.owner.str() + " " + std::visit(Visitor{}, record.data);
}

inline std::vector<std::string> shown(const std::vector<Record>& records) {
  std::vector<std::string> out;
  for (const auto& record : records) out.push_back(shown(record));
  return out;
}

}  // namespace podwire::dns::test
