#include <fmt/format.h>

#include <set>

#include "base/addr.h"
#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"

namespace podwire::kube {
namespace {

constexpr std::size_t kMostEndpoints = 1000, kMostAddresses = 100, kMostPorts = 20'000, kMostZoneHints = 8;

void check_dns_label(const FieldCursor& field) {
  if (!field.empty()) check(field, dns1123_label(field.text()));
}

void check_endpoint_address(const FieldCursor& address) {
  check(address["ip"], ip_address(address["ip"].text()));
  check_dns_label(address["hostname"]);
  if (address["nodeName"].present())
    check(address["nodeName"], dns1123_subdomain(address["nodeName"].text()));
  check_non_special_ip(address["ip"]);
}

void check_app_protocol(const FieldCursor& protocol) {
  if (protocol.present()) check(protocol, qualified_name(protocol.text()));
}

void check_subset_port(const FieldCursor& port, bool needs_name) {
  if (needs_name && port["name"].empty()) port["name"].required();
  check_dns_label(port["name"]);
  check_port_or_name(port["port"]);
  check_protocol(port["protocol"]);
  check_app_protocol(port["appProtocol"]);
}

void check_fqdn(const FieldCursor& name) {
  auto text = name.text();
  if (text.empty()) return name.required();
  if (text.ends_with('.')) text.remove_suffix(1);
  if (const auto why = dns1123_subdomain(text); !why.empty())
    name.invalid(quoted(text), fmt::format("{}", fmt::join(why, ",")));
  else if (!text.contains('.'))
    name.invalid(quoted(text), "should be a domain with at least two segments separated by dots");
}

void check_slice_address(const FieldCursor& address, std::string_view type) {
  if (type == "FQDN") return check_fqdn(address);
  if (type != "IPv4" && type != "IPv6") return;
  const auto parsed = IpAddr::parse(address.text());
  if (!parsed || name_of(parsed->family()) != type)
    address.invalid(fmt::format("must be a valid {} address", type));
  check_non_special_ip(address);
}

void check_endpoint(const FieldCursor& endpoint, std::string_view type) {
  const auto addresses = endpoint["addresses"];
  if (addresses.empty())
    addresses.required("must contain at least 1 address");
  else if (addresses.size() > kMostAddresses)
    addresses.too_many(addresses.size(), kMostAddresses);
  addresses.each([&](const FieldCursor& address) { check_slice_address(address, type); });
  if (endpoint["nodeName"].present())
    check(endpoint["nodeName"], dns1123_subdomain(endpoint["nodeName"].text()));
  check_dns_label(endpoint["hostname"]);
  check_labels(endpoint["deprecatedTopology"]);
  const auto zones = endpoint["hints"]["forZones"];
  if (zones.size() > kMostZoneHints) return zones.too_many(zones.size(), kMostZoneHints);
  std::set<std::string_view> seen;
  zones.each([&](const FieldCursor& zone) {
    if (!seen.insert(zone["name"].text()).second) zone["name"].duplicate();
    check(zone["name"], label_value(zone["name"].text()));
  });
}

void check_slice_ports(const FieldCursor& ports) {
  if (ports.size() > kMostPorts) return ports.too_many(ports.size(), kMostPorts);
  std::set<std::string_view> names;
  ports.each([&](const FieldCursor& port) {
    check_dns_label(port["name"]);
    if (!names.insert(port["name"].text()).second) port["name"].duplicate();
    if (port["port"].present()) check_port_or_name(port["port"]);
    check_protocol(port["protocol"]);
    check_app_protocol(port["appProtocol"]);
  });
}

}  // namespace

void check_endpoints(const FieldCursor& object, const CheckContext&) {
  object["subsets"].each([](const FieldCursor& subset) {
    const auto ready = subset["addresses"], not_ready = subset["notReadyAddresses"], ports = subset["ports"];
    if (ready.empty() && not_ready.empty())
      subset.required("must specify `addresses` or `notReadyAddresses`");
    ready.each(check_endpoint_address);
    not_ready.each(check_endpoint_address);
    ports.each([&](const FieldCursor& port) { check_subset_port(port, ports.size() > 1); });
  });
}

void check_endpoint_slice(const FieldCursor& object, const CheckContext& context) {
  const auto type = object["addressType"];
  check_one_of(type, {"FQDN", "IPv4", "IPv6"});
  if (const auto endpoints = object["endpoints"]; endpoints.size() > kMostEndpoints)
    endpoints.too_many(endpoints.size(), kMostEndpoints);
  else
    endpoints.each([&](const FieldCursor& endpoint) { check_endpoint(endpoint, type.text()); });
  check_slice_ports(object["ports"]);
  if (context.old != nullptr) check_unchanged(type, context.old->if_contains("addressType"));
}

}  // namespace podwire::kube
