#include "cni/result.h"

#include <algorithm>

#include "cni/netconf.h"

namespace podwire::cni {
namespace json = boost::json;
namespace {

json::array encode_strings(const std::vector<std::string>& strings) {
  json::array out;
  for (const auto& s : strings) out.emplace_back(s);
  return out;
}

json::object encode_dns(const Dns& dns) {
  json::object out;
  if (!dns.nameservers.empty()) out["nameservers"] = encode_strings(dns.nameservers);
  if (!dns.domain.empty()) out["domain"] = dns.domain;
  if (!dns.search.empty()) out["search"] = encode_strings(dns.search);
  if (!dns.options.empty()) out["options"] = encode_strings(dns.options);
  return out;
}

json::object encode_interface(const Interface& interface, bool has_new_fields) {
  json::object out{{"name", interface.name}};
  if (!interface.mac.empty()) out["mac"] = interface.mac;
  if (has_new_fields && interface.mtu != 0) out["mtu"] = interface.mtu;
  if (!interface.sandbox.empty()) out["sandbox"] = interface.sandbox;
  if (has_new_fields && !interface.socket_path.empty()) out["socketPath"] = interface.socket_path;
  if (has_new_fields && !interface.pci_id.empty()) out["pciID"] = interface.pci_id;
  return out;
}

json::object encode_ip(const IpConfig& ip, bool has_version) {
  json::object out;
  if (has_version) out["version"] = ip.address.addr().is_v4() ? "4" : "6";
  if (ip.interface) out["interface"] = *ip.interface;
  out["address"] = ip.address.str();
  if (ip.gateway) out["gateway"] = ip.gateway->str();
  return out;
}

json::object encode_route(const ResultRoute& route, bool has_new_fields) {
  json::object out{{"dst", route.dst.str()}};
  if (route.gateway) out["gw"] = route.gateway->str();
  if (!has_new_fields) return out;
  if (route.mtu) out["mtu"] = *route.mtu;
  if (route.advmss) out["advmss"] = *route.advmss;
  if (route.priority) out["priority"] = *route.priority;
  if (route.table) out["table"] = *route.table;
  if (route.scope) out["scope"] = *route.scope;
  return out;
}

/// ip4 or ip6 of 0.1.0 and 0.2.0: the family's one address with its routes.
CniResult<> encode_family(const AddResult& result, Family family, json::object& out) {
  const auto of_family = [&](const IpConfig& ip) { return ip.address.family() == family; };
  const auto ip = std::ranges::find_if(result.ips, of_family);
  if (ip == result.ips.end()) return {};  // routes of a family without an address say nothing
  if (std::ranges::count_if(result.ips, of_family) > 1)
    return refuse(Code::bad_config, "ips: a result before 0.3.0 cannot hold two " +
                                        std::string(name_of(family)) + " addresses");
  json::object block{{"ip", ip->address.str()}};
  if (ip->gateway) block["gateway"] = ip->gateway->str();
  json::array routes;
  for (const auto& route : result.routes)
    if (route.dst.family() == family) routes.push_back(encode_route(route, false));
  if (!routes.empty()) block["routes"] = std::move(routes);
  out[family == Family::v4 ? "ip4" : "ip6"] = std::move(block);
  return {};
}

template <class List, class Encode>
void encode_list(json::object& out, std::string_view key, const List& list, Encode encode) {
  if (list.empty()) return;
  json::array array;
  for (const auto& item : list) array.push_back(encode(item));
  out[key] = std::move(array);
}

}  // namespace

CniResult<json::object> encode_result(const AddResult& result, std::string_view version) {
  if (std::ranges::find(supported_versions(), version) == supported_versions().end())
    return refuse(Code::incompatible_version,
                  "cniVersion: \"" + std::string(version) + "\" is not supported");
  json::object out{{"cniVersion", version}};
  if (compare_versions(version, "0.3.0") < 0) {
    if (result.ips.empty()) return refuse(Code::bad_config, "ips: a result before 0.3.0 needs an address");
    TRY(encode_family(result, Family::v4, out));
    TRY(encode_family(result, Family::v6, out));
  } else {
    // 1.1.0's fields go where libcni writes them too: those of interfaces into 1.0.0, those of routes into
    // all. An older reader ignores them, and our own CHECK gets back what ADD said.
    const bool since_1_0 = compare_versions(version, "1.0.0") >= 0;
    encode_list(out, "interfaces", result.interfaces,
                [&](const auto& i) { return encode_interface(i, since_1_0); });
    encode_list(out, "ips", result.ips, [&](const auto& ip) { return encode_ip(ip, !since_1_0); });
    encode_list(out, "routes", result.routes, [](const auto& r) { return encode_route(r, true); });
  }
  if (!result.dns.empty() || compare_versions(version, "1.1.0") < 0) out["dns"] = encode_dns(result.dns);
  return out;
}

}  // namespace podwire::cni
