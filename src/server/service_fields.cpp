#include "server/service_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "kube/json.h"
#include "server/registry.h"

namespace podwire::server {
namespace {

using kube::text_in;

std::vector<std::string> texts(const json::object& spec, std::string_view key) {
  std::vector<std::string> out;
  if (const auto* list = kube::array_in(spec, key))
    for (const auto& item : *list)
      if (const auto* text = item.if_string()) out.emplace_back(*text);
  return out;
}

unsigned number(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found != nullptr && found->is_int64() ? static_cast<unsigned>(found->get_int64()) : 0;
}

void put(json::object& spec, std::string_view key, unsigned value) {
  if (value != 0)
    spec[key] = std::int64_t{value};
  else
    spec.erase(key);
}

/// Only a Service whose text has `mark` in it is parsed.
bool any_service(const Store& store, std::string_view mark,
                 const std::function<bool(const plan::ServiceFields&)>& is_it) {
  ListQuery query{.resource = "services", .ns = std::nullopt, .after = std::nullopt, .limit = 1};
  query.matches = [&](const Object& o) { return o.json.contains(mark) && is_it(fields_of(parse_stored(o))); };
  const auto page = store.list(query);
  return page && !page->items.empty();
}

}  // namespace

plan::ServiceFields fields_of(const json::object& service) {
  plan::ServiceFields out;
  static const json::object kNone;
  const auto* found = kube::object_in(service, "spec");
  const auto& spec = found != nullptr ? *found : kNone;
  out.type = plan::service_type(text_in(spec, "type")).value_or(plan::ServiceType::cluster_ip);
  const auto* selector = kube::object_in(spec, "selector");
  out.has_selector = selector != nullptr && !selector->empty();
  out.local_traffic = text_in(spec, "externalTrafficPolicy") == "Local";
  if (const auto* allocate = spec.if_contains("allocateLoadBalancerNodePorts"))
    out.allocate_balancer_node_ports = !allocate->is_bool() || allocate->get_bool();
  out.cluster_ip = text_in(spec, "clusterIP");
  out.cluster_ips = texts(spec, "clusterIPs");
  for (const auto& family : texts(spec, "ipFamilies")) {
    if (family == "IPv4") out.families.push_back(Family::v4);
    if (family == "IPv6") out.families.push_back(Family::v6);
  }
  out.policy = plan::family_policy(text_in(spec, "ipFamilyPolicy"));
  if (const auto* ports = kube::array_in(spec, "ports"))
    for (const auto& item : *ports)
      if (const auto* port = item.if_object())
        out.ports.push_back({.name = std::string(text_in(*port, "name")),
                             .protocol = std::string(text_in(*port, "protocol")),
                             .port = number(*port, "port"),
                             .node_port = number(*port, "nodePort")});
  out.health_check_node_port = number(spec, "healthCheckNodePort");
  return out;
}

void put_fields(const plan::ServiceFields& f, json::object& service) {
  auto& spec = kube::object_at(service, "spec");
  if (f.cluster_ip.empty())
    spec.erase("clusterIP");
  else
    spec["clusterIP"] = f.cluster_ip;
  if (f.cluster_ips.empty())
    spec.erase("clusterIPs");
  else
    spec["clusterIPs"] = json::array(f.cluster_ips.begin(), f.cluster_ips.end());
  json::array families;
  for (const auto family : f.families) families.emplace_back(name_of(family));
  if (families.empty())
    spec.erase("ipFamilies");
  else
    spec["ipFamilies"] = std::move(families);
  if (f.policy)
    spec["ipFamilyPolicy"] = plan::name_of(*f.policy);
  else
    spec.erase("ipFamilyPolicy");
  if (auto* ports = spec.if_contains("ports"); ports != nullptr && ports->is_array())
    for (std::size_t i = 0; i < f.ports.size() && i < ports->get_array().size(); ++i)
      if (auto* port = ports->get_array()[i].if_object()) put(*port, "nodePort", f.ports[i].node_port);
  put(spec, "healthCheckNodePort", f.health_check_node_port);
}

std::vector<IpAddr> addresses_of(const plan::ServiceFields& fields) {
  std::vector<IpAddr> out;
  for (const auto& text : fields.cluster_ips)
    if (const auto address = IpAddr::parse(text)) out.push_back(*address);
  return out;
}

std::vector<unsigned> ports_of(const plan::ServiceFields& fields) {
  std::vector<unsigned> out;
  for (const auto& port : fields.ports)
    if (port.node_port != 0 && std::ranges::find(out, port.node_port) == out.end())
      out.push_back(port.node_port);
  if (fields.health_check_node_port != 0) out.push_back(fields.health_check_node_port);
  return out;
}

bool some_service_has(const Store& store, const IpAddr& address) {
  return any_service(store, fmt::format("\"{}\"", address.str()), [&](const plan::ServiceFields& fields) {
    const auto has = addresses_of(fields);
    return std::ranges::find(has, address) != has.end();
  });
}

bool some_service_holds(const Store& store, unsigned port) {
  return any_service(store, fmt::format(":{}", port), [&](const plan::ServiceFields& fields) {
    const auto has = ports_of(fields);
    return std::ranges::find(has, port) != has.end();
  });
}

}  // namespace podwire::server
