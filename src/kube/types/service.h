#pragma once
#include "kube/types/int_or_string.h"
#include "kube/types/object_meta.h"

namespace podwire::kube {

struct ServicePort {
  std::string name, protocol = "TCP", app_protocol;
  int port = 0, node_port = 0;
  IntOrString target_port;  ///< 0 and no name: the same as port
  friend bool operator==(const ServicePort&, const ServicePort&) = default;
};

struct Service {
  ObjectMeta meta;
  std::string type = "ClusterIP";
  TextMap selector;
  bool headless = false;  ///< clusterIP: None
  std::vector<IpAddr> cluster_ips, external_ips, load_balancer_ips;
  std::vector<Family> families;
  std::vector<ServicePort> ports;
  bool publish_not_ready = false;
  std::string external_traffic_policy = "Cluster", internal_traffic_policy = "Cluster", traffic_distribution;
  std::vector<Cidr> source_ranges;
  std::string external_name;  ///< of type ExternalName
  int health_check_node_port = 0;
  std::string load_balancer_class;  ///< not empty: somebody else's load balancer
  std::string load_balancer_ip;     ///< asked for; may be any text
  int affinity_seconds = 0;         ///< sessionAffinity ClientIP's timeout; 0: none
  friend bool operator==(const Service&, const Service&) = default;
};

void read(const Place& place, ServicePort& into);
void read(const Place& place, Service& into);
[[nodiscard]] Result<Service> service_from(const json::value& object);

}  // namespace podwire::kube
