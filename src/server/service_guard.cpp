#include "server/service_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/json.h"
#include "kube/rules/labels.h"
#include "plan/service_addresses.h"

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

void put(json::object& spec, std::string_view key, unsigned value) {
  if (value != 0)
    spec[key] = std::int64_t{value};
  else
    spec.erase(key);
}

/// Writes what was decided into the Service.
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

std::unexpected<kube::Status> refused(const plan::AddressRefusal& refusal, const json::object& service) {
  const auto name = text_in(service, "metadata", "name");
  if (!refusal.internal.empty()) return kube::internal_error(refusal.internal);
  kube::Status out{.code = 422, .reason = "Invalid", .name = std::string(name), .kind = "Service"};
  std::string all;
  for (const auto& f : refusal.fields) {
    all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", f.field, f.message);
    out.causes.push_back({f.reason, f.message, f.field});
  }
  if (refusal.fields.size() > 1) all = "[" + all + "]";
  out.message = fmt::format("Service \"{}\" is invalid: {}", name, all);
  return std::unexpected(std::move(out));
}

std::vector<IpAddr> addresses_of(const plan::ServiceFields& fields) {
  std::vector<IpAddr> out;
  for (const auto& text : fields.cluster_ips)
    if (const auto address = IpAddr::parse(text)) out.push_back(*address);
  return out;
}

constexpr std::string_view kIpAddresses = "ipaddresses.networking.k8s.io";

}  // namespace

ServiceGuard::ServiceGuard(Registry& registry, const Options& options)
    : registry_(registry),
      ips_(registry.world().random),
      ports_(options.node_ports, registry.world().random) {
  for (const auto& range : options.service_cidrs) families_.push_back(range.family());
  // Options were checked: their ranges are ones that ClusterIps takes.
  (void)ips_.add("kubernetes", options.service_cidrs);
  const auto services =
      registry.store().list({.resource = "services", .ns = std::nullopt, .after = std::nullopt});
  if (!services) return;
  for (const auto& item : services->items) {
    const auto fields = fields_of(parse_stored(*item));
    for (const auto& address : addresses_of(fields)) ips_.occupy(address);
    for (const auto& port : fields.ports)
      if (port.node_port != 0) ports_.occupy(static_cast<std::uint16_t>(port.node_port));
    if (fields.health_check_node_port != 0)
      ports_.occupy(static_cast<std::uint16_t>(fields.health_check_node_port));
  }
}

kube::Answer<Guard::Taken> ServiceGuard::admit(const json::object* old, json::object* object,
                                               std::vector<Write>& also, bool dry_run) {
  if (object == nullptr) return admit_removal(*old, also);
  const auto now = fields_of(*object);
  const auto before = old != nullptr ? std::optional(fields_of(*old)) : std::nullopt;
  auto planned = plan::plan_addresses(before ? &*before : nullptr, now, families_);
  if (!planned) return refused(planned.error(), *object);
  if (auto taken = plan::take(*planned, ips_, ports_); !taken) return refused(taken.error(), *object);
  put_fields(planned->fields, *object);
  if (dry_run) {
    plan::undo(*planned, ips_, ports_);
    return Taken();
  }
  for (const auto& address : planned->addresses)
    if (const auto given = IpAddr::parse(planned->fields.cluster_ips[address.index]))
      add_address(*given, *object, also);
  for (const auto& address : planned->released_addresses) remove_address(address, also);
  const auto shared = std::make_shared<plan::AddressPlan>(std::move(*planned));
  return Taken{.undo = [this, shared] { plan::undo(*shared, ips_, ports_); },
               .release = [this, shared] { plan::release(*shared, ips_, ports_); }};
}

kube::Answer<Guard::Taken> ServiceGuard::admit_removal(const json::object& old, std::vector<Write>& also) {
  const auto shared = std::make_shared<plan::AddressPlan>(plan::plan_removal(fields_of(old)));
  for (const auto& address : shared->released_addresses) remove_address(address, also);
  return Taken{.undo = {}, .release = [this, shared] { plan::release(*shared, ips_, ports_); }};
}

void ServiceGuard::add_address(const IpAddr& address, const json::object& service,
                               std::vector<Write>& also) const {
  const auto* resource = registry_.schema().resource("networking.k8s.io", "v1", "ipaddresses");
  json::object meta{{"name", address.str()}};
  meta["labels"] = json::object{{"ipaddress.kubernetes.io/ip-family", name_of(address.family())},
                                {"ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io"}};
  json::object parent{{"resource", "services"},
                      {"namespace", text_in(service, "metadata", "namespace")},
                      {"name", text_in(service, "metadata", "name")}};
  json::object object{{"kind", "IPAddress"}, {"apiVersion", "networking.k8s.io/v1"}};
  object["metadata"] = std::move(meta);
  object["spec"] = json::object{{"parentRef", std::move(parent)}};
  // Its metadata has nothing that could be refused.
  if (!begin_life(*resource, object, {"", ""}, registry_.world().moment())) return;
  Write write{.key = {std::string(kIpAddresses), "", address.str()}};
  write.labels = kube::labels_of(object);
  // An IPAddress that is there although nobody has the address is a leak that this write repairs.
  if (const auto there = registry_.store().get(write.key)) write.seen = there->revision;
  write.object = std::move(object);
  also.push_back(std::move(write));
}

void ServiceGuard::remove_address(const IpAddr& address, std::vector<Write>& also) const {
  const Key key{std::string(kIpAddresses), "", address.str()};
  if (const auto there = registry_.store().get(key)) also.push_back({.key = key, .seen = there->revision});
}

}  // namespace podwire::server
