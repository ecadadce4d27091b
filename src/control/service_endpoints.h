#pragma once
#include <functional>
#include <map>
#include <span>

#include "kube/types/endpoint_slice.h"
#include "kube/types/pod.h"
#include "kube/types/service.h"

namespace podwire::control {

/// Endpoints that may share a slice: of one family, with the same ports (sorted).
struct SliceGroup {
  Family family = Family::v4;
  std::vector<kube::EndpointPort> ports;
  friend auto operator<=>(const SliceGroup&, const SliceGroup&) = default;
};

/// Endpoints by what tells them apart (the pod's uid and its address).
using EndpointsByPod = std::map<std::pair<std::string, std::string>, kube::Endpoint>;

/// The pods that the Service's selector matches and that can have traffic, now or as they end.
[[nodiscard]] std::vector<const kube::Pod*> selected_pods(const kube::Service& service,
                                                          std::span<const kube::Pod* const> pods);

/// The Service's ports as that pod has them: a port whose name the pod does not know is left out.
[[nodiscard]] std::vector<kube::EndpointPort> ports_on(const kube::Service& service, const kube::Pod& pod);

/// The families that the Service is of; for one that does not say, those of its addresses.
[[nodiscard]] std::vector<Family> families_of(const kube::Service& service);

/// What the slices should hold together. Each family has a group, be it an empty one.
[[nodiscard]] std::map<SliceGroup, EndpointsByPod> wanted_endpoints(
    const kube::Service& service, std::span<const kube::Pod* const> pods,
    const std::function<std::string(const std::string&)>& zone_of_node);

/// The name by which an Endpoint is found again, see EndpointsByPod.
[[nodiscard]] std::pair<std::string, std::string> key_of(const kube::Endpoint& endpoint);

}  // namespace podwire::control
