#pragma once
#include "kube/types/object_meta.h"

namespace podwire::kube {

struct TargetRef {
  std::string kind, namespace_, name, uid;
  friend auto operator<=>(const TargetRef&, const TargetRef&) = default;
};

/// One pod (or other server) behind a Service.
struct Endpoint {
  std::vector<std::string> addresses;  ///< only the first counts for proxies
  bool ready = true, serving = true, terminating = false;
  std::string hostname, node_name, zone;
  std::optional<TargetRef> target;
  std::vector<std::string> for_zones, for_nodes;  ///< hints: where it is meant to be used
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

struct EndpointPort {
  std::string name, protocol = "TCP", app_protocol;
  std::optional<int> port;
  friend auto operator<=>(const EndpointPort&, const EndpointPort&) = default;
};

struct EndpointSlice {
  ObjectMeta meta;
  std::string address_type;  ///< "IPv4", "IPv6", "FQDN"
  std::vector<Endpoint> endpoints;
  std::vector<EndpointPort> ports;
  friend bool operator==(const EndpointSlice&, const EndpointSlice&) = default;
};

void read(const Place& place, TargetRef& into);
void read(const Place& place, Endpoint& into);
void read(const Place& place, EndpointPort& into);
void read(const Place& place, EndpointSlice& into);
[[nodiscard]] Result<EndpointSlice> endpoint_slice_from(const json::value& object);
[[nodiscard]] json::object to_json(const TargetRef& target);
[[nodiscard]] json::object to_json(const EndpointSlice& slice);

}  // namespace podwire::kube
