#include "control/service_endpoints.h"

#include <algorithm>

#include "kube/rules/label_selector.h"

namespace podwire::control {

namespace {

bool selects(const kube::Service& service, const kube::Pod& pod) {
  return std::ranges::all_of(service.selector, [&](const auto& label) {
    const auto* value = kube::find(pod.meta.labels, label.first);
    return value != nullptr && *value == label.second;
  });
}

std::optional<int> named_port(const std::vector<kube::Container>& containers, const kube::ServicePort& port,
                              bool sidecars_only) {
  for (const auto& container : containers) {
    if (sidecars_only && container.restart_policy != "Always") continue;
    for (const auto& candidate : container.ports)
      if (candidate.name == port.target_port.text && candidate.protocol == port.protocol)
        return candidate.container_port;
  }
  return std::nullopt;
}

std::optional<int> port_number(const kube::ServicePort& port, const kube::Pod& pod) {
  if (port.target_port.text.empty())
    return port.target_port.number != 0 ? port.target_port.number : port.port;
  const auto found = named_port(pod.spec.containers, port, false);
  return found ? found : named_port(pod.spec.init_containers, port, true);
}

kube::Endpoint endpoint_of(const kube::Service& service, const kube::Pod& pod, const IpAddr& address,
                           const std::function<std::string(const std::string&)>& zone_of_node) {
  kube::Endpoint endpoint;
  endpoint.addresses = {address.str()};
  endpoint.serving = kube::is_ready(pod);
  endpoint.terminating = pod.meta.deleted.has_value();
  endpoint.ready = service.publish_not_ready || (endpoint.serving && !endpoint.terminating);
  if (!pod.spec.hostname.empty() && pod.spec.subdomain == service.meta.name)
    endpoint.hostname = pod.spec.hostname;
  endpoint.node_name = pod.spec.node_name;
  if (zone_of_node && !endpoint.node_name.empty()) endpoint.zone = zone_of_node(endpoint.node_name);
  endpoint.target = kube::TargetRef{"Pod", pod.meta.namespace_, pod.meta.name, pod.meta.uid};
  return endpoint;
}

}  // namespace

std::vector<const kube::Pod*> selected_pods(const kube::Service& service,
                                            std::span<const kube::Pod* const> pods) {
  std::vector<const kube::Pod*> selected;
  if (service.selector.empty()) return selected;
  for (const auto* pod : pods)
    if (selects(service, *pod) && !kube::is_finished(*pod) && !pod->status.pod_ips.empty())
      selected.push_back(pod);
  return selected;
}

std::vector<kube::EndpointPort> ports_on(const kube::Service& service, const kube::Pod& pod) {
  std::vector<kube::EndpointPort> ports;
  for (const auto& port : service.ports)
    if (const auto number = port_number(port, pod))
      ports.push_back({port.name, port.protocol, port.app_protocol, number});
  std::ranges::sort(ports);
  return ports;
}

std::vector<Family> families_of(const kube::Service& service) {
  if (!service.families.empty()) return service.families;
  std::vector<Family> families;
  families.reserve(service.cluster_ips.size() + 1);
  for (const auto& ip : service.cluster_ips) families.push_back(ip.family());
  if (families.empty()) families.push_back(Family::v4);
  return families;
}

std::pair<std::string, std::string> key_of(const kube::Endpoint& endpoint) {
  return {endpoint.target ? endpoint.target->uid : "",
          endpoint.addresses.empty() ? "" : endpoint.addresses[0]};
}

std::map<SliceGroup, EndpointsByPod> wanted_endpoints(
    const kube::Service& service, std::span<const kube::Pod* const> pods,
    const std::function<std::string(const std::string&)>& zone_of_node) {
  std::map<SliceGroup, EndpointsByPod> wanted;
  const auto selected = selected_pods(service, pods);
  for (const auto family : families_of(service)) {
    bool any = false;
    for (const auto* pod : selected) {
      const auto& ips = pod->status.pod_ips;
      const auto ip = std::ranges::find(ips, family, &IpAddr::family);
      if (ip == ips.end()) continue;
      auto endpoint = endpoint_of(service, *pod, *ip, zone_of_node);
      auto key = key_of(endpoint);
      wanted[{family, ports_on(service, *pod)}].emplace(std::move(key), std::move(endpoint));
      any = true;
    }
    if (!any) wanted[{family, {}}];
  }
  return wanted;
}

}  // namespace podwire::control
