#include "kube/types/service.h"

#include <algorithm>

namespace podwire::kube {

namespace {

constexpr int kAffinitySeconds = 10800;

void read_families(const Place& spec, std::vector<Family>& into) {
  std::vector<std::string> names;
  spec.field("ipFamilies", names);
  for (const auto& name : names) into.push_back(name == "IPv6" ? Family::v6 : Family::v4);
}

/// "None" among the addresses is what makes a Service headless.
void read_cluster_ips(const Place& spec, Service& into) {
  std::vector<std::string> texts;
  spec.field("clusterIPs", texts);
  if (texts.empty()) spec.field("clusterIP", texts.emplace_back());
  into.headless = texts.front() == "None";
  if (into.headless || texts.front().empty()) return;
  for (const auto& text : texts) {
    if (const auto ip = IpAddr::parse(text)) {
      into.cluster_ips.push_back(*ip);
    } else {
      spec.at(spec.at("clusterIPs") ? "clusterIPs" : "clusterIP")->refuse("not an IP address");
    }
  }
}

void read_load_balancer(const Place& service, std::vector<IpAddr>& into) {
  const auto status = service.at("status");
  const auto balancer = status ? status->at("loadBalancer") : std::nullopt;
  const auto ingress = balancer ? balancer->at("ingress") : std::nullopt;
  const auto* list = ingress ? ingress->array() : nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    std::optional<IpAddr> ip;
    ingress->element((*list)[i], i).field("ip", ip);
    if (ip) into.push_back(*ip);
  }
}

void read_affinity(const Place& spec, int& seconds) {
  std::string affinity;
  spec.field("sessionAffinity", affinity);
  if (affinity != "ClientIP") return;
  seconds = kAffinitySeconds;
  const auto config = spec.at("sessionAffinityConfig");
  const auto client = config ? config->at("clientIP") : std::nullopt;
  if (client) client->field("timeoutSeconds", seconds);
}

}  // namespace

void read(const Place& place, ServicePort& into) {
  place.field("name", into.name);
  place.field("protocol", into.protocol);
  place.field("appProtocol", into.app_protocol);
  place.field("port", into.port);
  place.field("nodePort", into.node_port);
  place.field("targetPort", into.target_port);
}

void read(const Place& place, Service& into) {
  place.field("metadata", into.meta);
  read_load_balancer(place, into.load_balancer_ips);
  const auto spec = place.at("spec");
  if (!spec) return;
  spec->field("type", into.type);
  spec->field("selector", into.selector);
  spec->field("externalName", into.external_name);
  read_cluster_ips(*spec, into);
  spec->field("externalIPs", into.external_ips);
  read_families(*spec, into.families);
  spec->field("ports", into.ports);
  spec->field("publishNotReadyAddresses", into.publish_not_ready);
  spec->field("externalTrafficPolicy", into.external_traffic_policy);
  spec->field("internalTrafficPolicy", into.internal_traffic_policy);
  spec->field("trafficDistribution", into.traffic_distribution);
  spec->field("loadBalancerSourceRanges", into.source_ranges);
  spec->field("healthCheckNodePort", into.health_check_node_port);
  spec->field("loadBalancerClass", into.load_balancer_class);
  spec->field("loadBalancerIP", into.load_balancer_ip);
  read_affinity(*spec, into.affinity_seconds);
}

Result<Service> service_from(const json::value& object) { return typed_from<Service>(object); }

}  // namespace podwire::kube
