#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/addr.h"
#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"
#include "kube/rules/service_shape.h"

namespace podwire::kube {
namespace {

constexpr std::int64_t kMostAffinitySeconds = 86'400;
constexpr std::string_view kSourceRanges = "service.beta.kubernetes.io/load-balancer-source-ranges";

void check_type(const FieldCursor& spec) {
  const auto type = spec["type"];
  check_one_of(type, {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
  const bool headless = spec["clusterIP"].text() == "None";
  if (headless && (type.text() == "LoadBalancer" || type.text() == "NodePort"))
    spec["clusterIPs"].at_index(0).invalid(
        "\"None\"", fmt::format("may not be set to 'None' for {} services", type.text()));
  if (type.text() != "ExternalName") return;
  constexpr std::string_view kWhy = "may not be set for ExternalName services";
  for (const std::string_view key : {"clusterIPs", "ipFamilies", "ipFamilyPolicy"})
    if (!spec[key].empty()) spec[key].forbidden(kWhy);
  auto name = spec["externalName"].text();
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty())
    spec["externalName"].required();
  else
    check(spec["externalName"], name, dns1123_subdomain(name));
}

void check_port(const FieldCursor& port, bool needs_name, std::set<std::string_view>& names) {
  const auto name = port["name"];
  if (name.empty()) {
    if (needs_name) name.required();
  } else {
    check(name, dns1123_label(name.text()));
    if (!names.insert(name.text()).second) name.duplicate();
  }
  check_port_or_name(port["port"]);
  check_protocol(port["protocol"]);
  check_port_or_name(port["targetPort"]);
  if (port["appProtocol"].present()) check(port["appProtocol"], qualified_name(port["appProtocol"].text()));
}

void check_node_port(const FieldCursor& port, const FieldCursor& spec, const CheckContext& context) {
  const auto number = port["nodePort"];
  if (number.number() == 0) return;
  if (spec["type"].text() == "ClusterIP") {
    number.forbidden("may not be used when `type` is 'ClusterIP'");
  } else if (number.number() < context.options.first_node_port ||
             number.number() > context.options.last_node_port) {
    number.invalid(fmt::format("provided port is not in the valid range. The range of valid ports is {}-{}",
                               context.options.first_node_port, context.options.last_node_port));
  }
}

void check_ports(const FieldCursor& spec, const CheckContext& context) {
  const auto ports = spec["ports"];
  if (ports.empty() && spec["clusterIP"].text() != "None" && spec["type"].text() != "ExternalName")
    ports.required();
  std::set<std::string_view> names;
  std::set<std::pair<std::string_view, std::int64_t>> node_ports, numbers;
  ports.each([&](const FieldCursor& port) { check_port(port, ports.size() > 1, names); });
  ports.each([&](const FieldCursor& port) {
    check_node_port(port, spec, context);
    const auto number = port["nodePort"].number();
    if (number != 0 && !node_ports.emplace(port["protocol"].text(), number).second)
      port["nodePort"].duplicate();
  });
  ports.each([&](const FieldCursor& port) {
    const auto protocol = port["protocol"].text();
    const auto number = port["port"].number();
    if (!numbers.emplace(protocol, number).second)
      port.duplicate(fmt::format(
          R"({{"Name":"","Protocol":{},"AppProtocol":null,"Port":{},"TargetPort":0,"NodePort":0}})",
          quoted(protocol), number));
  });
}

void check_affinity(const FieldCursor& spec) {
  const auto affinity = spec["sessionAffinity"], config = spec["sessionAffinityConfig"];
  check_one_of(affinity, {"ClientIP", "None"});
  if (affinity.text() == "None" && config.present())
    config.forbidden("must not be set when session affinity is None");
  if (affinity.text() != "ClientIP") return;
  constexpr std::string_view kWhy = "when session affinity type is ClientIP";
  const auto timeout = config["clientIP"]["timeoutSeconds"];
  if (!config.present()) return config.required(kWhy);
  if (!config["clientIP"].present()) return config["clientIP"].required(kWhy);
  if (!timeout.present()) return timeout.required(kWhy);
  if (timeout.number() <= 0 || timeout.number() > kMostAffinitySeconds)
    timeout.invalid(fmt::format("must be greater than 0 and less than {}", kMostAffinitySeconds));
}

void check_external_ips(const FieldCursor& ips) {
  ips.each([](const FieldCursor& ip) {
    if (const auto complaints = ip_address(ip.text()); !complaints.empty())
      check(ip, complaints);
    else
      check_non_special_ip(ip);
  });
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

void check_source_ranges(const FieldCursor& object) {
  const auto spec = object["spec"];
  constexpr std::string_view kWhy = "may only be used when `type` is 'LoadBalancer'";
  const bool balanced = spec["type"].text() == "LoadBalancer";
  const auto ranges = spec["LoadBalancerSourceRanges"].with_value(spec["loadBalancerSourceRanges"].value());
  const auto annotation = object["metadata"]["annotations"].key(kSourceRanges);
  if (!ranges.empty()) {
    if (!balanced) ranges.forbidden(kWhy);
    ranges.each([](const FieldCursor& range) {
      check(range, trimmed(range.text()), cidr_block(trimmed(range.text())));
    });
  } else if (annotation.present()) {
    if (!balanced) annotation.forbidden(kWhy);
    auto rest = annotation.text();
    while (!trimmed(rest).empty()) {
      const auto one = trimmed(rest.substr(0, rest.find(',')));
      check(annotation, one, cidr_block(one));
      rest.remove_prefix(std::min(rest.size(), rest.substr(0, rest.find(',')).size() + 1));
    }
  }
}

void check_load_balancer(const FieldCursor& spec, const CheckContext& context) {
  const bool balanced = spec["type"].text() == "LoadBalancer";
  constexpr std::string_view kWhy = "may only be used when `type` is 'LoadBalancer'";
  const auto allocate = spec["allocateLoadBalancerNodePorts"], kind = spec["loadBalancerClass"];
  if (allocate.present() && !balanced) allocate.forbidden(kWhy);
  if (!allocate.present() && balanced) allocate.required();
  if (kind.present() && !balanced) kind.forbidden(kWhy);
  if (kind.present()) check(kind, qualified_name(kind.text()));
  if (context.old != nullptr && balanced && service_type(*context.old) == "LoadBalancer" &&
      !same(kind.value(), in(*context.old, "spec", "loadBalancerClass")))
    kind.invalid(kind.present() ? shown(*kind.value()) : "null", "may not change once set");
}

void check_traffic(const FieldCursor& object, const CheckContext& context) {
  const auto spec = object["spec"];
  const auto external = spec["externalTrafficPolicy"], internal = spec["internalTrafficPolicy"],
             health = spec["healthCheckNodePort"], distribution = spec["trafficDistribution"];
  if (is_externally_accessible(*object.object()))
    check_one_of(external, {"Cluster", "Local"});
  else if (!external.empty())
    external.invalid("may only be set for externally-accessible services");
  if (!needs_health_check(*object.object())) {
    if (health.number() != 0)
      health.invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  } else if (health.number() != 0) {  // 0: one is given out
    check_port_or_name(health);
    const auto* before = context.old != nullptr ? in(*context.old, "spec", "healthCheckNodePort") : nullptr;
    if (before != nullptr && needs_health_check(*context.old) && *before != *health.value())
      health.forbidden("field is immutable");
  }
  if (internal.present() || spec["type"].text() != "ExternalName")
    check_one_of(internal, {"Cluster", "Local"});
  if (distribution.present()) check_one_of(distribution, {"PreferClose", "PreferSameNode", "PreferSameZone"});
}

}  // namespace

void check_service(const FieldCursor& object, const CheckContext& context) {
  const auto spec = object["spec"];
  if (context.old != nullptr) check_service_address_changes(object, *context.old);
  check_type(spec);
  check_ports(spec, context);
  check_labels(spec["selector"]);
  check_affinity(spec);
  check_service_addresses(spec);
  check_external_ips(spec["externalIPs"]);
  check_source_ranges(object);
  check_load_balancer(spec, context);
  check_traffic(object, context);
}

void check_service_status(const FieldCursor& object, const CheckContext&) {
  object["status"]["loadBalancer"]["ingress"].each([](const FieldCursor& ingress) {
    const auto ip = ingress["ip"], hostname = ingress["hostname"], mode = ingress["ipMode"];
    if (!ip.empty() && !IpAddr::parse(ip.text())) ip.invalid("must be a valid IP address");
    if (!ip.empty() && !mode.present()) mode.required("must be specified when `ip` is set");
    if (mode.present() && ip.empty()) mode.forbidden("may not be specified when `ip` is not set");
    if (mode.present()) check_one_of(mode, {"Proxy", "VIP"});
    if (hostname.empty()) return;
    check(hostname, dns1123_subdomain(hostname.text()));
    if (IpAddr::parse(hostname.text())) hostname.invalid("must be a DNS name, not an IP address");
  });
}

}  // namespace podwire::kube
