#include <algorithm>

#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"
#include "kube/rules/service_shape.h"

namespace podwire::kube {
namespace {

constexpr int kAffinitySeconds = 10'800;

void set_if_empty(json::object& object, std::string_view key, std::string_view value) {
  if (text_in(object, key).empty()) object[key] = value;
}

std::int64_t number_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

bool is_unset_port(const json::value* port) {
  if (port == nullptr || port->is_null()) return true;
  if (const auto* text = port->if_string()) return text->empty();
  return port->is_int64() && port->get_int64() == 0;
}

void fill_ports(json::object& spec) {
  auto* ports = spec.if_contains("ports");
  if (ports == nullptr || !ports->is_array()) return;
  for (auto& item : ports->get_array()) {
    auto* port = item.if_object();
    if (port == nullptr) continue;
    set_if_empty(*port, "protocol", "TCP");
    if (is_unset_port(port->if_contains("targetPort"))) (*port)["targetPort"] = number_in(*port, "port");
  }
}

void fill_affinity(json::object& spec) {
  set_if_empty(spec, "sessionAffinity", "None");
  if (text_in(spec, "sessionAffinity") == "None") spec.erase("sessionAffinityConfig");
  if (text_in(spec, "sessionAffinity") != "ClientIP") return;
  const auto* timeout = in(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds");
  if (timeout == nullptr || timeout->is_null())
    spec["sessionAffinityConfig"] = {{"clientIP", {{"timeoutSeconds", kAffinitySeconds}}}};
}

void fill_ingress(json::object& object) {
  auto* status = object.if_contains("status");
  if (status == nullptr || array_in(object, "status", "loadBalancer", "ingress") == nullptr) return;
  for (auto& item : status->at("loadBalancer").at("ingress").get_array())
    if (auto* ingress = item.if_object(); ingress != nullptr && !text_in(*ingress, "ip").empty())
      set_if_empty(*ingress, "ipMode", "VIP");
}

/// clusterIPs follows clusterIP where the writer touched only that one.
void sync_addresses(json::object& spec, const json::object* old_spec) {
  const std::string first(text_in(spec, "clusterIP"));
  const auto* list = spec.if_contains("clusterIPs");
  if (old_spec == nullptr) {
    if (!first.empty() && same(list, nullptr)) spec["clusterIPs"] = json::array{first};
    return;
  }
  if (first == text_in(*old_spec, "clusterIP") || !same(list, old_spec->if_contains("clusterIPs"))) return;
  if (first.empty())
    spec.erase("clusterIPs");
  else
    spec["clusterIPs"] = json::array{first};
}

void copy_if_unset(json::object& to, const json::object& from, std::string_view key) {
  if (const auto* value = from.if_contains(key); value != nullptr && same(to.if_contains(key), nullptr))
    to[key] = *value;
}

/// A port keeps its node port by its name, unless the writer gave that one to another port.
void keep_node_ports(json::object& spec, const json::object& old_spec) {
  const auto* before = array_in(old_spec, "ports");
  auto* after = spec.if_contains("ports");
  if (before == nullptr || after == nullptr || !after->is_array()) return;
  auto& ports = after->get_array();
  const auto taken = [&](std::int64_t number) {
    return std::ranges::any_of(ports, [&](const json::value& port) {
      return port.is_object() && number_in(port.get_object(), "nodePort") == number;
    });
  };
  for (auto& item : ports) {
    auto* port = item.if_object();
    if (port == nullptr || number_in(*port, "nodePort") != 0) continue;
    for (const auto& old_item : *before) {
      const auto* old_port = old_item.if_object();
      if (old_port == nullptr || text_in(*old_port, "name") != text_in(*port, "name")) continue;
      if (const auto number = number_in(*old_port, "nodePort"); number != 0 && !taken(number))
        (*port)["nodePort"] = number;
    }
  }
}

std::vector<std::int64_t> node_ports(const json::object& spec) {
  std::vector<std::int64_t> out;
  if (const auto* ports = array_in(spec, "ports"))
    for (const auto& port : *ports)
      if (port.is_object()) out.push_back(number_in(port.get_object(), "nodePort"));
  return out;
}

/// What the new type has no use for goes, if the writer left it as it was.
void drop_unused(json::object& object, const json::object& old) {
  auto& spec = object.at("spec").get_object();
  const auto& old_spec = *object_in(old, "spec");
  const auto drop = [&](std::string_view key) {
    if (same(spec.if_contains(key), old_spec.if_contains(key))) spec.erase(key);
  };
  if (needs_cluster_ip(old) && !needs_cluster_ip(object))
    for (const std::string_view key : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) drop(key);
  if (needs_node_port(old) && !needs_node_port(object) && node_ports(spec) == node_ports(old_spec))
    if (auto* ports = spec.if_contains("ports"); ports != nullptr && ports->is_array())
      for (auto& port : ports->get_array())
        if (port.is_object()) port.get_object().erase("nodePort");
  if (needs_health_check(old) && !needs_health_check(object)) drop("healthCheckNodePort");
  if (service_type(old) == "LoadBalancer" && service_type(object) != "LoadBalancer") {
    drop("allocateLoadBalancerNodePorts");
    drop("loadBalancerClass");
  }
  if (is_externally_accessible(old) && !is_externally_accessible(object)) drop("externalTrafficPolicy");
}

/// PreferDualStack or RequireDualStack became SingleStack: the second address and family go.
void drop_second_family(json::object& spec, const json::object& old_spec) {
  if (text_in(spec, "ipFamilyPolicy") != "SingleStack" ||
      text_in(old_spec, "ipFamilyPolicy") == "SingleStack")
    return;
  for (const std::string_view key : {"clusterIPs", "ipFamilies"}) {
    auto* list = spec.if_contains(key);
    if (list == nullptr || !list->is_array() || list->get_array().size() != 2) continue;
    if (same(list, old_spec.if_contains(key))) list->get_array().resize(1);
  }
}

}  // namespace

void fill_service(json::object& object) {
  auto& spec = object_at(object, "spec");
  set_if_empty(spec, "type", "ClusterIP");
  fill_affinity(spec);
  fill_ports(spec);
  if (is_externally_accessible(object)) set_if_empty(spec, "externalTrafficPolicy", "Cluster");
  if (service_type(object) != "ExternalName") set_if_empty(spec, "internalTrafficPolicy", "Cluster");
  if (service_type(object) != "LoadBalancer") return;
  if (same(spec.if_contains("allocateLoadBalancerNodePorts"), nullptr))
    spec["allocateLoadBalancerNodePorts"] = true;
  fill_ingress(object);
}

void start_service(json::object& object) {
  object["status"] = {{"loadBalancer", json::object()}};
  sync_addresses(object_at(object, "spec"), nullptr);
}

void carry_on_service(json::object& object, const json::object& old) {
  const auto* old_spec = object_in(old, "spec");
  if (old_spec == nullptr) return;
  auto& spec = object_at(object, "spec");
  if (needs_cluster_ip(old) && needs_cluster_ip(object))
    for (const std::string_view key : {"clusterIP", "clusterIPs"}) copy_if_unset(spec, *old_spec, key);
  if (needs_node_port(old) && needs_node_port(object)) keep_node_ports(spec, *old_spec);
  if (needs_health_check(old) && needs_health_check(object) && number_in(spec, "healthCheckNodePort") == 0)
    if (const auto number = number_in(*old_spec, "healthCheckNodePort"); number != 0)
      spec["healthCheckNodePort"] = number;
  sync_addresses(spec, old_spec);
  drop_unused(object, old);
  drop_second_family(spec, *old_spec);
}

}  // namespace podwire::kube
