#include "plan/service_fields.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace podwire::plan {
namespace {

constexpr std::array<std::pair<ServiceType, std::string_view>, 4> kTypes{
    {{ServiceType::cluster_ip, "ClusterIP"},
     {ServiceType::node_port, "NodePort"},
     {ServiceType::load_balancer, "LoadBalancer"},
     {ServiceType::external_name, "ExternalName"}}};
constexpr std::array<std::pair<FamilyPolicy, std::string_view>, 3> kPolicies{
    {{FamilyPolicy::single_stack, "SingleStack"},
     {FamilyPolicy::prefer_dual_stack, "PreferDualStack"},
     {FamilyPolicy::require_dual_stack, "RequireDualStack"}}};

template <class Value, std::size_t n>
std::optional<Value> value_of(const std::array<std::pair<Value, std::string_view>, n>& table,
                              std::string_view name) {
  for (const auto& [value, its_name] : table)
    if (its_name == name) return value;
  return std::nullopt;
}

template <class Value, std::size_t n>
std::string_view name_in(const std::array<std::pair<Value, std::string_view>, n>& table, Value wanted) {
  for (const auto& [value, name] : table)
    if (value == wanted) return name;
  return {};
}

/// clusterIP is clusterIPs[0]; clients that are older than the list write only the former.
void sync_cluster_ips(const ServiceFields* old, ServiceFields& now) {
  if (old == nullptr) {
    if (!now.cluster_ip.empty() && now.cluster_ips.empty()) now.cluster_ips = {now.cluster_ip};
    return;
  }
  if (now.cluster_ips.empty() && old->cluster_ip == now.cluster_ip) now.cluster_ips = old->cluster_ips;
  if (old->cluster_ip == now.cluster_ip || old->cluster_ips != now.cluster_ips) return;
  // Only the single one was changed, or cleared.
  now.cluster_ips.clear();
  if (!now.cluster_ip.empty()) now.cluster_ips.push_back(now.cluster_ip);
}

std::set<unsigned> node_ports_of(const ServiceFields& service) {
  std::set<unsigned> out;
  for (const auto& port : service.ports)
    if (port.node_port != 0) out.insert(port.node_port);
  return out;
}

/// By their names, unless another port has that number by now.
void keep_node_ports(const ServiceFields& old, ServiceFields& now) {
  const auto still_used = node_ports_of(now);
  std::map<std::string_view, unsigned> known;
  for (const auto& port : old.ports) known[port.name] = port.node_port;
  for (auto& port : now.ports)
    if (const auto it = known.find(port.name);
        port.node_port == 0 && it != known.end() && !still_used.contains(it->second))
      port.node_port = it->second;
}

void keep_what_was_given(const ServiceFields& old, ServiceFields& now) {
  if (old.needs_cluster_ip() && now.needs_cluster_ip()) {
    if (now.cluster_ip.empty()) now.cluster_ip = old.cluster_ip;
    if (now.cluster_ips.empty()) now.cluster_ips = old.cluster_ips;
  }
  if (old.needs_node_ports() && now.needs_node_ports()) keep_node_ports(old, now);
  if (old.needs_health_check() && now.needs_health_check() && now.health_check_node_port == 0)
    now.health_check_node_port = old.health_check_node_port;
}

void drop_what_the_type_cannot_have(const ServiceFields& old, ServiceFields& now) {
  if (old.needs_cluster_ip() && !now.needs_cluster_ip()) {
    if (old.cluster_ip == now.cluster_ip && old.cluster_ips == now.cluster_ips) {
      now.cluster_ip.clear();
      now.cluster_ips.clear();
    }
    if (old.families == now.families) now.families.clear();
    if (old.policy == now.policy) now.policy.reset();
  }
  if (old.needs_node_ports() && !now.needs_node_ports() &&
      std::ranges::includes(node_ports_of(old), node_ports_of(now)))
    for (auto& port : now.ports) port.node_port = 0;
  if (old.needs_health_check() && !now.needs_health_check() &&
      old.health_check_node_port == now.health_check_node_port)
    now.health_check_node_port = 0;
}

}  // namespace

std::optional<ServiceType> service_type(std::string_view name) { return value_of(kTypes, name); }
std::optional<FamilyPolicy> family_policy(std::string_view name) { return value_of(kPolicies, name); }
std::string_view name_of(ServiceType type) { return name_in(kTypes, type); }
std::string_view name_of(FamilyPolicy policy) { return name_in(kPolicies, policy); }

FieldRefusal invalid(std::string_view field, std::string_view shown, std::string_view detail) {
  return {"FieldValueInvalid", std::string(field),
          "Invalid value: " + std::string(shown) + ": " + std::string(detail)};
}

std::string shown(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string shown(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& one : list) out += (out.empty() ? "[" : ",") + shown(std::string_view(one));
  return out.empty() ? "null" : out + "]";
}

std::string shown(const std::vector<Family>& list) {
  std::vector<std::string> names;
  names.reserve(list.size());
  for (const auto family : list) names.emplace_back(podwire::name_of(family));
  return shown(names);
}

ServiceFields complete_fields(const ServiceFields* old, ServiceFields now) {
  sync_cluster_ips(old, now);
  if (old != nullptr) {
    keep_what_was_given(*old, now);
    drop_what_the_type_cannot_have(*old, now);
  }
  return now;
}

}  // namespace podwire::plan
