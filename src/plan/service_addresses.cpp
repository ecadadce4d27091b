#include "plan/service_addresses.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "plan/service_families.h"

namespace podwire::plan {
namespace {

std::string port_field(std::size_t i) { return "spec.ports[" + std::to_string(i) + "].nodePort"; }

std::set<unsigned> numbers(const ServiceFields& service) {
  std::set<unsigned> out;
  for (const auto& port : service.ports)
    if (port.node_port != 0) out.insert(port.node_port);
  return out;
}

bool contains(const std::vector<IpAddr>& list, const IpAddr& addr) {
  return std::ranges::find(list, addr) != list.end();
}

bool has_addresses(const ServiceFields& service) { return service.needs_cluster_ip() && !service.headless(); }

std::vector<IpAddr> addresses_of(const ServiceFields& service) {
  std::vector<IpAddr> out;
  if (!has_addresses(service)) return out;
  for (const auto& text : service.cluster_ips)
    if (auto addr = IpAddr::parse(text)) out.push_back(*addr);
  return out;
}

void plan_cluster_ips(const ServiceFields* old, AddressPlan& plan) {
  const auto before = old != nullptr ? addresses_of(*old) : std::vector<IpAddr>();
  auto& now = plan.fields;
  if (has_addresses(now)) {
    // Below: an address for every family, unless a Service that prefers two has to stay as it was.
    const bool unchanged = old != nullptr && old->needs_cluster_ip() && old->cluster_ips == now.cluster_ips &&
                           old->families == now.families;
    if (!unchanged && now.cluster_ips.size() < now.families.size())
      now.cluster_ips.resize(now.families.size());
    for (std::size_t i = 0; i < now.cluster_ips.size(); ++i) {
      if (now.cluster_ips[i].empty()) {
        if (i < now.families.size()) plan.addresses.push_back({i, now.families[i], {}});
      } else if (const auto addr = IpAddr::parse(now.cluster_ips[i]); addr && !contains(before, *addr)) {
        plan.addresses.push_back({i, addr->family(), *addr});
      }
    }
  }
  const auto after = addresses_of(now);
  for (const auto& addr : before)
    if (!contains(after, addr)) plan.released_addresses.push_back(addr);
}

/// Ports of one number share a node port where their client did not choose others: DNS has one for TCP and
/// UDP.
AddressPlan::NodePort& shared_by(AddressPlan& plan, unsigned port) {
  for (auto& one : plan.node_ports)
    if (one.chosen == 0 && plan.fields.ports[one.ports.front()].port == port) return one;
  return plan.node_ports.emplace_back();
}

void plan_node_ports(const ServiceFields* old, AddressPlan& plan) {
  auto& now = plan.fields;
  const auto before = old != nullptr ? numbers(*old) : std::set<unsigned>();
  const bool any = now.type == ServiceType::node_port ||
                   (now.type == ServiceType::load_balancer && now.allocate_balancer_node_ports);
  std::set<unsigned> chosen;
  for (std::size_t i = 0; now.needs_node_ports() && i < now.ports.size(); ++i) {
    auto& port = now.ports[i];
    // One that the client chose for the same port of another protocol.
    for (const auto& other : now.ports)
      if (any && port.node_port == 0 && other.port == port.port && other.protocol != port.protocol)
        port.node_port = other.node_port;
    if (port.node_port == 0) {
      if (any) shared_by(plan, port.port).ports.push_back(i);
    } else if (chosen.insert(port.node_port).second && !before.contains(port.node_port)) {
      plan.node_ports.push_back({{i}, port.node_port});
    }
  }
  for (const auto number : before)
    if (!chosen.contains(number)) plan.released_ports.push_back(number);
}

void plan_health_check(const ServiceFields* old, AddressPlan& plan) {
  const unsigned before = old != nullptr && old->needs_health_check() ? old->health_check_node_port : 0;
  const bool needed = plan.fields.needs_health_check();
  if (needed && before == 0) plan.health_check = plan.fields.health_check_node_port;
  if (!needed && before != 0) plan.released_ports.push_back(before);
}

std::expected<void, AddressRefusal> take_address(AddressPlan& plan, const AddressPlan::Address& wanted,
                                                 ClusterIps& ips) {
  auto& fields = plan.fields;
  if (wanted.chosen) {
    if (const auto ok = ips.allocate(*wanted.chosen); !ok)
      return std::unexpected(AddressRefusal{
          {invalid("spec.clusterIPs", shown(fields.cluster_ips),
                   "failed to allocate IP " + wanted.chosen->str() + ": " + ok.error().message())},
          {}});
    return {};
  }
  const auto got = ips.allocate(wanted.family);
  if (!got)
    return std::unexpected(AddressRefusal{{}, "failed to allocate a serviceIP: " + got.error().message()});
  fields.cluster_ips[wanted.index] = got->str();
  if (wanted.index == 0) fields.cluster_ip = got->str();
  return {};
}

std::expected<void, AddressRefusal> take_node_port(AddressPlan& plan, const AddressPlan::NodePort& wanted,
                                                   NodePorts& ports) {
  if (wanted.chosen != 0) {
    if (const auto ok = ports.allocate(wanted.chosen); !ok)
      return std::unexpected(AddressRefusal{
          {invalid(port_field(wanted.ports.front()), std::to_string(wanted.chosen), ok.error().message())},
          {}});
    return {};
  }
  const auto got = ports.allocate();
  if (!got)
    return std::unexpected(AddressRefusal{{}, "failed to allocate a nodePort: " + got.error().message()});
  for (const auto i : wanted.ports) plan.fields.ports[i].node_port = *got;
  return {};
}

std::expected<void, AddressRefusal> take_health_check(AddressPlan& plan, NodePorts& ports) {
  auto& field = plan.fields.health_check_node_port;
  if (*plan.health_check != 0) {
    if (const auto ok = ports.allocate(*plan.health_check); !ok)
      return std::unexpected(AddressRefusal{{},
                                            "failed to allocate requested HealthCheck NodePort " +
                                                std::to_string(*plan.health_check) + ": " +
                                                ok.error().message()});
    return {};
  }
  const auto got = ports.allocate();
  if (!got)
    return std::unexpected(
        AddressRefusal{{}, "failed to allocate a HealthCheck NodePort: " + got.error().message()});
  field = *got;
  return {};
}

/// Of a plan whose first `addresses` and `node_ports` wishes were fulfilled.
void give_back(const AddressPlan& plan, std::size_t addresses, std::size_t node_ports, ClusterIps& ips,
               NodePorts& ports) {
  for (std::size_t i = 0; i < addresses; ++i)
    if (const auto addr = IpAddr::parse(plan.fields.cluster_ips[plan.addresses[i].index])) ips.release(*addr);
  for (std::size_t i = 0; i < node_ports; ++i)
    ports.release(plan.fields.ports[plan.node_ports[i].ports.front()].node_port);
}

}  // namespace

std::expected<AddressPlan, AddressRefusal> plan_addresses(const ServiceFields* old, const ServiceFields& now,
                                                          const std::vector<Family>& cluster) {
  auto settled = settle_families(old, now, cluster);
  if (!settled) return std::unexpected(AddressRefusal{std::move(settled.error()), {}});
  AddressPlan plan{.fields = std::move(*settled)};
  plan_cluster_ips(old, plan);
  plan_node_ports(old, plan);
  plan_health_check(old, plan);
  return plan;
}

AddressPlan plan_removal(const ServiceFields& old) {
  AddressPlan plan{.fields = old};
  plan.released_addresses = addresses_of(old);
  const auto ports = numbers(old);
  plan.released_ports.assign(ports.begin(), ports.end());
  if (old.needs_health_check() && old.health_check_node_port != 0)
    plan.released_ports.push_back(old.health_check_node_port);
  return plan;
}

std::expected<void, AddressRefusal> take(AddressPlan& plan, ClusterIps& ips, NodePorts& ports) {
  std::size_t addresses = 0;
  std::size_t node_ports = 0;
  std::expected<void, AddressRefusal> ok;
  for (; ok && addresses < plan.addresses.size(); addresses += ok ? 1 : 0)
    ok = take_address(plan, plan.addresses[addresses], ips);
  for (; ok && node_ports < plan.node_ports.size(); node_ports += ok ? 1 : 0)
    ok = take_node_port(plan, plan.node_ports[node_ports], ports);
  if (ok && plan.health_check) ok = take_health_check(plan, ports);
  if (!ok) give_back(plan, addresses, node_ports, ips, ports);
  return ok;
}

void undo(const AddressPlan& plan, ClusterIps& ips, NodePorts& ports) {
  give_back(plan, plan.addresses.size(), plan.node_ports.size(), ips, ports);
  if (plan.health_check) ports.release(plan.fields.health_check_node_port);
}

void release(const AddressPlan& plan, ClusterIps& ips, NodePorts& ports) {
  for (const auto& addr : plan.released_addresses) ips.release(addr);
  for (const auto port : plan.released_ports) ports.release(port);
}

}  // namespace podwire::plan
