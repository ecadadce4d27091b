#include <algorithm>

#include "cni/json_fields.h"
#include "cni/netconf.h"
#include "cni/netconf_parts.h"
#include "cni/result.h"

namespace podwire::cni {
namespace {

CniResult<> read_interface(const Field& from, Interface& out) {
  TRY(TRY(from.member("name")).read(out.name));
  TRY(TRY(from.member("mac")).read(out.mac));
  TRY(TRY(from.member("sandbox")).read(out.sandbox));
  TRY(TRY(from.member("mtu")).read(out.mtu));
  TRY(TRY(from.member("socketPath")).read(out.socket_path));
  TRY(TRY(from.member("pciID")).read(out.pci_id));
  return {};
}

/// `address_key`: "address", or "ip" before 0.3.0.
CniResult<> read_ip(const Field& from, std::string_view address_key, std::size_t interfaces, IpConfig& out) {
  const auto address = TRY(from.member(address_key));
  if (!address.given()) return refuse(Code::bad_config, address.path() + " is missing");
  TRY(address.read(out.address));
  const auto gateway = TRY(from.member("gateway"));
  TRY(gateway.read(out.gateway));
  if (out.gateway && out.gateway->family() != out.address.family())
    return gateway.refuse("is not of the address' family");
  const auto interface = TRY(from.member("interface"));
  TRY(interface.read(out.interface));
  if (out.interface && *out.interface >= interfaces)
    return interface.refuse("is no index of the " + std::to_string(interfaces) + " interfaces");
  return {};
}

CniResult<> read_family(const Field& result, std::string_view key, Family family, AddResult& out) {
  const auto block = TRY(result.member(key));
  if (!block.given()) return {};
  IpConfig ip;
  TRY(read_ip(block, "ip", 0, ip));
  if (ip.address.family() != family)
    return TRY(block.member("ip")).refuse("is no " + std::string(name_of(family)) + " address");
  out.ips.push_back(ip);
  return read_routes(TRY(block.member("routes")), out.routes);
}

CniResult<> read_interfaces_and_ips(const Field& result, AddResult& out) {
  TRY(TRY(result.member("interfaces")).each([&](const Field& f) {
    return read_interface(f, out.interfaces.emplace_back());
  }));
  TRY(TRY(result.member("ips")).each([&](const Field& f) {
    return read_ip(f, "address", out.interfaces.size(), out.ips.emplace_back());
  }));
  return read_routes(TRY(result.member("routes")), out.routes);
}

}  // namespace

CniResult<> read_routes(const Field& list, std::vector<ResultRoute>& out) {
  return list.each([&](const Field& from) -> CniResult<> {
    ResultRoute route;
    const auto dst = TRY(from.member("dst"));
    if (!dst.given()) return refuse(Code::bad_config, dst.path() + " is missing");
    TRY(dst.read(route.dst));
    const auto gateway = TRY(from.member("gw"));
    TRY(gateway.read(route.gateway));
    TRY(TRY(from.member("mtu")).read(route.mtu));
    TRY(TRY(from.member("advmss")).read(route.advmss));
    TRY(TRY(from.member("priority")).read(route.priority));
    TRY(TRY(from.member("table")).read(route.table));
    TRY(TRY(from.member("scope")).read(route.scope));
    out.push_back(route);
    return {};
  });
}

CniResult<> read_dns(const Field& from, Dns& out) {
  TRY(TRY(from.member("nameservers")).read(out.nameservers));
  TRY(TRY(from.member("domain")).read(out.domain));
  TRY(TRY(from.member("search")).read(out.search));
  TRY(TRY(from.member("options")).read(out.options));
  return {};
}

CniResult<AddResult> read_result(const Field& result, std::string_view config_version) {
  std::string version;
  TRY(TRY(result.member("cniVersion")).read(version));
  // Some plugins leave the version out, or write one of their own.
  if (std::ranges::find(supported_versions(), version) == supported_versions().end())
    version = config_version;
  AddResult out;
  if (compare_versions(version, "0.3.0") < 0) {
    TRY(read_family(result, "ip4", Family::v4, out));
    TRY(read_family(result, "ip6", Family::v6, out));
  } else {
    TRY(read_interfaces_and_ips(result, out));
  }
  TRY(read_dns(TRY(result.member("dns")), out.dns));
  return out;
}

CniResult<AddResult> decode_result(const boost::json::object& json, std::string_view config_version,
                                   std::string what) {
  return read_result(Field(json, std::move(what)), config_version);
}

}  // namespace podwire::cni
