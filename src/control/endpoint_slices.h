#pragma once
#include <functional>
#include <span>

#include "control/action.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/pod.h"
#include "kube/types/service.h"

namespace podwire::control {

inline constexpr std::size_t kMaxEndpointsPerSlice = 100;
inline constexpr std::string_view kServiceNameLabel = "kubernetes.io/service-name";
inline constexpr std::string_view kManagedByLabel = "endpointslice.kubernetes.io/managed-by";
inline constexpr std::string_view kSliceController = "endpointslice-controller.k8s.io";
inline constexpr std::string_view kHeadlessLabel = "service.kubernetes.io/headless";
inline constexpr std::string_view kTriggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

/// What the controller sees of one Service.
struct EndpointSliceView {
  const kube::Service& service;
  std::span<const kube::Pod* const> pods;  ///< of its namespace; those that it does not select are skipped
  std::span<const kube::EndpointSlice* const> slices;                ///< with its name in kServiceNameLabel
  std::function<std::string(const std::string& node)> zone_of_node;  ///< "" where there is none; may be empty
  std::optional<kube::Time> trigger;  ///< when that happened which made it look: consumers measure with it
};

/// Brings the slices of a Service to what its pods are: one family and one set of port numbers a slice, at
/// most kMaxEndpointsPerSlice endpoints; without endpoints one empty slice a family. Endpoints stay in the
/// slice where they are, and as few slices as possible are written. A Service without selector, and slices of
/// other writers, are left alone.
[[nodiscard]] Actions reconcile_endpoint_slices(const EndpointSliceView& view);

}  // namespace podwire::control
