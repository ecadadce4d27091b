#pragma once
#include "kube/types/endpoint_slice.h"

namespace podwire::kube {

struct EndpointAddress {
  std::string ip, hostname, node_name;
  std::optional<TargetRef> target;
  friend auto operator<=>(const EndpointAddress&, const EndpointAddress&) = default;
};

/// Addresses that serve the same ports.
struct EndpointSubset {
  std::vector<EndpointAddress> addresses, not_ready;
  std::vector<EndpointPort> ports;
  friend auto operator<=>(const EndpointSubset&, const EndpointSubset&) = default;
};

/// core/v1 Endpoints: EndpointSlice's forerunner, one object a Service and one family.
struct Endpoints {
  ObjectMeta meta;
  std::vector<EndpointSubset> subsets;
  friend bool operator==(const Endpoints&, const Endpoints&) = default;
};

void read(const Place& place, EndpointAddress& into);
void read(const Place& place, EndpointSubset& into);
void read(const Place& place, Endpoints& into);
[[nodiscard]] Result<Endpoints> endpoints_from(const json::value& object);
[[nodiscard]] json::object to_json(const Endpoints& endpoints);

}  // namespace podwire::kube
