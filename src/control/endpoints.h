#pragma once
#include <span>

#include "control/action.h"
#include "kube/types/endpoints.h"
#include "kube/types/pod.h"
#include "kube/types/service.h"

namespace podwire::control {

inline constexpr std::size_t kMaxEndpointAddresses = 1000;
inline constexpr std::string_view kOverCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";

/// What the controller sees of one Service.
struct EndpointsView {
  const kube::Service& service;
  std::span<const kube::Pod* const> pods;      ///< of its namespace
  const kube::Endpoints* endpoints = nullptr;  ///< of its name; nullptr: there are none
};

/// The core/v1 Endpoints of a Service, for clients that do not know EndpointSlices: its first family only, no
/// pods that are ending, at most kMaxEndpointAddresses (then it says "truncated" in kOverCapacityAnnotation).
[[nodiscard]] Actions reconcile_endpoints(const EndpointsView& view);

}  // namespace podwire::control
