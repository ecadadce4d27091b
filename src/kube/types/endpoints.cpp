#include "kube/types/endpoints.h"

namespace podwire::kube {

void read(const Place& place, EndpointAddress& into) {
  place.field("ip", into.ip);
  place.field("hostname", into.hostname);
  place.field("nodeName", into.node_name);
  place.field("targetRef", into.target);
}

void read(const Place& place, EndpointSubset& into) {
  place.field("addresses", into.addresses);
  place.field("notReadyAddresses", into.not_ready);
  place.field("ports", into.ports);
}

void read(const Place& place, Endpoints& into) {
  place.field("metadata", into.meta);
  place.field("subsets", into.subsets);
}

Result<Endpoints> endpoints_from(const json::value& object) { return typed_from<Endpoints>(object); }

namespace {

json::array to_json(const std::vector<EndpointAddress>& addresses) {
  json::array out;
  for (const auto& address : addresses) {
    auto& one = out.emplace_back(json::object{{"ip", address.ip}}).get_object();
    if (!address.hostname.empty()) one["hostname"] = address.hostname;
    if (!address.node_name.empty()) one["nodeName"] = address.node_name;
    if (address.target) one["targetRef"] = to_json(*address.target);
  }
  return out;
}

json::array to_json(const std::vector<EndpointPort>& ports) {
  json::array out;
  for (const auto& port : ports) {
    auto& one = out.emplace_back(json::object{}).get_object();
    if (!port.name.empty()) one["name"] = port.name;
    if (port.port) one["port"] = *port.port;
    one["protocol"] = port.protocol;
    if (!port.app_protocol.empty()) one["appProtocol"] = port.app_protocol;
  }
  return out;
}

}  // namespace

json::object to_json(const Endpoints& endpoints) {
  json::object out{{"apiVersion", "v1"}, {"kind", "Endpoints"}, {"metadata", to_json(endpoints.meta)}};
  auto& subsets = out["subsets"].emplace_array();
  for (const auto& subset : endpoints.subsets) {
    auto& one = subsets.emplace_back(json::object{}).get_object();
    if (!subset.addresses.empty()) one["addresses"] = to_json(subset.addresses);
    if (!subset.not_ready.empty()) one["notReadyAddresses"] = to_json(subset.not_ready);
    if (!subset.ports.empty()) one["ports"] = to_json(subset.ports);
  }
  return out;
}

}  // namespace podwire::kube
