#include "kube/types/endpoint_slice.h"

namespace podwire::kube {

void read(const Place& place, TargetRef& into) {
  place.field("kind", into.kind);
  place.field("namespace", into.namespace_);
  place.field("name", into.name);
  place.field("uid", into.uid);
}

namespace {

/// The names of a list of objects that have nothing else.
void read_names(const Place& hints, std::string_view list, std::vector<std::string>& into) {
  const auto place = hints.at(list);
  const auto* array = place ? place->array() : nullptr;
  if (array == nullptr) return;
  for (std::size_t i = 0; i < array->size(); ++i)
    place->element((*array)[i], i).field("name", into.emplace_back());
}

}  // namespace

void read(const Place& place, Endpoint& into) {
  place.field("addresses", into.addresses);
  if (const auto conditions = place.at("conditions")) {
    conditions->field("ready", into.ready);
    into.serving = into.ready;  // what an unset `serving` means
    conditions->field("serving", into.serving);
    conditions->field("terminating", into.terminating);
  }
  place.field("hostname", into.hostname);
  place.field("nodeName", into.node_name);
  place.field("zone", into.zone);
  place.field("targetRef", into.target);
  if (const auto hints = place.at("hints")) {
    read_names(*hints, "forZones", into.for_zones);
    read_names(*hints, "forNodes", into.for_nodes);
  }
}

void read(const Place& place, EndpointPort& into) {
  place.field("name", into.name);
  place.field("protocol", into.protocol);
  place.field("appProtocol", into.app_protocol);
  place.field("port", into.port);
}

void read(const Place& place, EndpointSlice& into) {
  place.field("metadata", into.meta);
  place.field("addressType", into.address_type);
  place.field("endpoints", into.endpoints);
  place.field("ports", into.ports);
}

Result<EndpointSlice> endpoint_slice_from(const json::value& object) {
  return typed_from<EndpointSlice>(object);
}

json::object to_json(const TargetRef& target) {
  json::object out{{"kind", target.kind}};
  if (!target.namespace_.empty()) out["namespace"] = target.namespace_;
  out["name"] = target.name;
  if (!target.uid.empty()) out["uid"] = target.uid;
  return out;
}

namespace {

json::object to_json(const Endpoint& endpoint) {
  json::object out{
      {"addresses", json::array(endpoint.addresses.begin(), endpoint.addresses.end())},
      {"conditions",
       {{"ready", endpoint.ready}, {"serving", endpoint.serving}, {"terminating", endpoint.terminating}}}};
  if (!endpoint.hostname.empty()) out["hostname"] = endpoint.hostname;
  if (endpoint.target) out["targetRef"] = to_json(*endpoint.target);
  if (!endpoint.node_name.empty()) out["nodeName"] = endpoint.node_name;
  if (!endpoint.zone.empty()) out["zone"] = endpoint.zone;
  return out;
}

json::object to_json(const EndpointPort& port) {
  json::object out{{"name", port.name}, {"protocol", port.protocol}};
  if (port.port) out["port"] = *port.port;
  if (!port.app_protocol.empty()) out["appProtocol"] = port.app_protocol;
  return out;
}

}  // namespace

json::object to_json(const EndpointSlice& slice) {
  json::object out{{"apiVersion", "discovery.k8s.io/v1"},
                   {"kind", "EndpointSlice"},
                   {"metadata", to_json(slice.meta)},
                   {"addressType", slice.address_type}};
  auto& endpoints = out["endpoints"].emplace_array();
  for (const auto& endpoint : slice.endpoints) endpoints.emplace_back(to_json(endpoint));
  auto& ports = out["ports"].emplace_array();
  for (const auto& port : slice.ports) ports.emplace_back(to_json(port));
  return out;
}

}  // namespace podwire::kube
