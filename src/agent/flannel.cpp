#include "agent/flannel.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

namespace podwire::agent {
namespace {

/// The names of one family's annotations.
struct Names {
  Family family;
  const char* public_ip;
  const char* public_ip_overwrite;
  const char* backend_data;
};

constexpr Names kNames[] = {
    {Family::v4, "flannel.alpha.coreos.com/public-ip", "flannel.alpha.coreos.com/public-ip-overwrite",
     "flannel.alpha.coreos.com/backend-data"},
    {Family::v6, "flannel.alpha.coreos.com/public-ipv6", "flannel.alpha.coreos.com/public-ipv6-overwrite",
     "flannel.alpha.coreos.com/backend-v6-data"}};
constexpr std::string_view kBackendType = "flannel.alpha.coreos.com/backend-type";
constexpr std::string_view kSubnetManager = "flannel.alpha.coreos.com/kube-subnet-manager";
constexpr std::string_view kVxlan = "vxlan";

/// {"VNI":1,"VtepMAC":"0e:..."}
std::optional<Mac> mac_in(std::string_view backend_data, std::uint32_t vni) {
  boost::system::error_code failed;
  const auto parsed = json::parse(backend_data, failed);
  if (failed || !parsed.is_object()) return std::nullopt;
  const auto& data = parsed.get_object();
  const auto* number = kube::in(data, "VNI");
  if (number == nullptr || *number != json::value(vni)) return std::nullopt;
  const auto mac = Mac::parse(kube::text_in(data, "VtepMAC"));
  if (!mac || mac->is_zero() || mac->is_multicast()) return std::nullopt;
  return *mac;
}

std::optional<Mac> mac_of(const kube::Node& node, const Names& names, std::uint32_t vni) {
  return mac_in(kube::text_of(node.meta.annotations, names.backend_data), vni);
}

std::optional<IpAddr> address_in(const kube::Node& node, const char* annotation, Family family) {
  const auto address = IpAddr::parse(kube::text_of(node.meta.annotations, annotation));
  if (!address || address->family() != family) return std::nullopt;
  return *address;
}

}  // namespace

plan::NetworkNode network_node_of(const kube::Node& node, std::uint32_t vni) {
  plan::NetworkNode out{
      .name = node.meta.name,
      .created = std::chrono::floor<std::chrono::seconds>(node.meta.created).time_since_epoch().count(),
      .pod_cidrs = node.pod_cidrs};
  for (const auto& address : node.addresses)
    if (address.type == "InternalIP")
      if (const auto ip = IpAddr::parse(address.address)) out.addresses.push_back(*ip);
  if (kube::text_of(node.meta.annotations, kBackendType) != kVxlan) return out;
  for (const auto& names : kNames) {
    const auto mac = mac_of(node, names, vni);
    auto address = address_in(node, names.public_ip_overwrite, names.family);
    if (!address) address = address_in(node, names.public_ip, names.family);
    if (mac && address) out.vteps.push_back({*address, *mac});
  }
  return out;
}

std::vector<plan::Vtep> own_vteps(const kube::Node& self, std::span<const plan::Underlay> underlays,
                                  std::uint32_t vni) {
  std::vector<plan::Vtep> out;
  for (const auto& names : kNames) {
    const auto below = std::ranges::find(underlays, names.family,
                                         [](const plan::Underlay& u) { return u.address.family(); });
    const bool has_pods =
        std::ranges::any_of(self.pod_cidrs, [&](const Cidr& c) { return c.family() == names.family; });
    if (below == underlays.end() || !has_pods) continue;
    const auto mac = mac_of(self, names, vni);
    out.push_back(
        {below->address.addr(),
         mac ? *mac : Mac::derived_from(fmt::format("{}/{}", self.meta.uid, name_of(names.family)))});
  }
  return out;
}

kube::TextMap flannel_annotations(std::span<const plan::Vtep> vteps,
                                  std::span<const plan::Underlay> underlays, plan::Backend backend,
                                  std::uint32_t vni) {
  kube::TextMap out;
  kube::set(out, kSubnetManager, "true");
  kube::set(out, kBackendType, backend == plan::Backend::host_gw ? "host-gw" : kVxlan);
  for (const auto& names : kNames)
    for (const auto& below : underlays)
      if (below.address.family() == names.family) kube::set(out, names.public_ip, below.address.addr().str());
  if (backend == plan::Backend::host_gw) return out;
  for (const auto& names : kNames)
    for (const auto& vtep : vteps)
      if (vtep.address.family() == names.family)
        kube::set(out, names.backend_data,
                  json::serialize(json::object{{"VNI", vni}, {"VtepMAC", vtep.mac.str()}}));
  return out;
}

}  // namespace podwire::agent
