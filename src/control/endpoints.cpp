#include "control/endpoints.h"

#include <algorithm>
#include <map>

#include "control/endpoint_slices.h"
#include "control/service_endpoints.h"

namespace podwire::control {

namespace {

using kube::EndpointAddress;
using kube::EndpointSubset;

std::vector<EndpointSubset> subsets_of(const kube::Service& service, std::span<const kube::Pod* const> pods) {
  const auto family = families_of(service).front();
  std::map<std::vector<kube::EndpointPort>, EndpointSubset> by_ports;
  for (const auto* pod : selected_pods(service, pods)) {
    if (pod->meta.deleted) continue;
    const auto ip = std::ranges::find(pod->status.pod_ips, family, &IpAddr::family);
    if (ip == pod->status.pod_ips.end()) continue;
    const auto ports = ports_on(service, *pod);
    if (ports.empty() && !(service.headless && service.ports.empty())) continue;
    EndpointAddress address{
        .ip = ip->str(),
        .hostname = "",
        .node_name = pod->spec.node_name,
        .target = kube::TargetRef{"Pod", pod->meta.namespace_, pod->meta.name, pod->meta.uid}};
    if (pod->spec.subdomain == service.meta.name) address.hostname = pod->spec.hostname;
    auto& subset = by_ports[ports];
    subset.ports = ports;
    const bool ready = service.publish_not_ready || kube::is_ready(*pod);
    (ready ? subset.addresses : subset.not_ready).push_back(std::move(address));
  }
  std::vector<EndpointSubset> subsets;
  subsets.reserve(by_ports.size());
  for (auto& [ports, subset] : by_ports) subsets.push_back(std::move(subset));
  for (auto& subset : subsets) {
    std::ranges::sort(subset.addresses);
    std::ranges::sort(subset.not_ready);
  }
  return subsets;
}

/// Those that are ready stay longest. True: some had to go.
bool truncate(std::vector<EndpointSubset>& subsets) {
  std::size_t room = kMaxEndpointAddresses;
  bool cut = false;
  for (auto member : {&EndpointSubset::addresses, &EndpointSubset::not_ready})
    for (auto& subset : subsets) {
      auto& addresses = subset.*member;
      cut = cut || addresses.size() > room;
      addresses.resize(std::min(addresses.size(), room));
      room -= addresses.size();
    }
  std::erase_if(subsets, [](const auto& s) { return s.addresses.empty() && s.not_ready.empty(); });
  return cut;
}

kube::TextMap labels_of(const kube::Service& service) {
  auto labels = service.meta.labels;
  kube::set(labels, kManagedByLabel, "endpoint-controller");
  if (service.headless) kube::set(labels, kHeadlessLabel, "");
  return labels;
}

bool is_same(const kube::Endpoints& have, const kube::Endpoints& wanted) {
  auto subsets = have.subsets;
  for (auto& subset : subsets) {
    std::ranges::sort(subset.addresses);
    std::ranges::sort(subset.not_ready);
    std::ranges::sort(subset.ports);
  }
  std::ranges::sort(subsets, {}, &EndpointSubset::ports);
  return subsets == wanted.subsets && have.meta.labels == wanted.meta.labels &&
         kube::text_of(have.meta.annotations, kOverCapacityAnnotation) ==
             kube::text_of(wanted.meta.annotations, kOverCapacityAnnotation);
}

Patch update(const kube::Endpoints& have, const kube::Endpoints& wanted) {
  auto merge = kube::to_json(wanted);
  auto& metadata = merge["metadata"].get_object();
  metadata["resourceVersion"] = have.meta.resource_version;
  for (const auto& [name, value] : have.meta.labels)
    if (kube::find(wanted.meta.labels, name) == nullptr) metadata["labels"].get_object()[name] = nullptr;
  if (kube::find(have.meta.annotations, kOverCapacityAnnotation) != nullptr &&
      kube::find(wanted.meta.annotations, kOverCapacityAnnotation) == nullptr)
    kube::object_at(metadata, "annotations")[kOverCapacityAnnotation] = nullptr;
  return {"endpoints", have.meta.namespace_, have.meta.name, "", std::move(merge)};
}

}  // namespace

Actions reconcile_endpoints(const EndpointsView& view) {
  const auto& service = view.service;
  if (service.selector.empty() || service.type == "ExternalName" || service.meta.deleted) return {};
  kube::Endpoints wanted;
  wanted.meta.name = service.meta.name;
  wanted.meta.namespace_ = service.meta.namespace_;
  wanted.meta.labels = labels_of(service);
  wanted.subsets = subsets_of(service, view.pods);
  if (truncate(wanted.subsets)) kube::set(wanted.meta.annotations, kOverCapacityAnnotation, "truncated");
  if (view.endpoints == nullptr)
    return {Create{"endpoints", service.meta.namespace_, kube::to_json(wanted), "", "", {}}};
  if (is_same(*view.endpoints, wanted)) return {};
  return {update(*view.endpoints, wanted)};
}

}  // namespace podwire::control
