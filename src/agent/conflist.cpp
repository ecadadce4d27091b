#include "agent/conflist.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "kube/json.h"

namespace podwire::agent {
namespace {

namespace json = kube::json;

/// One range set a family, so that a pod has one address of each, whichever of the ranges it is from.
json::object ipam_of(std::span<const Cidr> pod_cidrs) {
  json::array ranges, routes;
  for (const auto family : {Family::v4, Family::v6}) {
    json::array set;
    for (const auto& cidr : pod_cidrs)
      if (cidr.family() == family) set.push_back(json::object{{"subnet", cidr.str()}});
    if (set.empty()) continue;
    ranges.emplace_back(std::move(set));
    routes.push_back(json::object{{"dst", Cidr::everything(family).str()}});
  }
  return {{"type", "podwire-ipam"}, {"ranges", std::move(ranges)}, {"routes", std::move(routes)}};
}

}  // namespace

std::string text_of(const Conflist& conflist) {
  json::object plugin{{"type", "podwire-cni"},
                      {"link", conflist.link == PodLink::routed ? "routed" : "bridge"},
                      {"mtu", conflist.mtu},
                      {"podwireAgentDir", kAgentRunDir},
                      {"ipam", ipam_of(conflist.pod_cidrs)},
                      {"capabilities", {{"portMappings", true}, {"bandwidth", true}}}};
  if (conflist.link == PodLink::bridge) {
    plugin["bridge"] = "cni0";
    plugin["isDefaultGateway"] = true;
    plugin["hairpinMode"] = true;
    plugin["forceAddress"] = true;
  }
  // Runtimes that know of cniVersions take the newest that they speak, the others cniVersion.
  const json::object list{{"cniVersion", "1.0.0"},
                          {"cniVersions", json::array{"1.0.0", "1.1.0"}},
                          {"name", "podwire"},
                          {"plugins", json::array{std::move(plugin)}}};
  return json::serialize(list) + "\n";
}

}  // namespace podwire::agent
