#include "plan/service_endpoints.h"

#include <algorithm>
#include <map>
#include <optional>

namespace podwire::plan {
namespace {

/// What slices say of one address and port, put together: while a pod moves between slices it is in two.
struct Candidate {
  bool ready = false, serving = false, terminating = true;
  bool is_local = false;
  const kube::Endpoint* said_by = nullptr;
};
using Candidates = std::map<Target, Candidate>;

std::optional<std::uint16_t> port_of(const kube::EndpointSlice& slice, std::string_view name,
                                     std::string_view protocol) {
  for (const auto& port : slice.ports)
    if (port.name == name && port.protocol == protocol && port.port && *port.port > 0 && *port.port <= 65535)
      return static_cast<std::uint16_t>(*port.port);
  return std::nullopt;
}

Candidates candidates_of(std::span<const kube::EndpointSlice* const> slices, Family family,
                         std::string_view port_name, std::string_view protocol, const ProxyNode& node) {
  Candidates out;
  for (const auto* slice : slices) {
    if (slice->address_type != name_of(family)) continue;
    const auto port = port_of(*slice, port_name, protocol);
    if (!port) continue;
    for (const auto& endpoint : slice->endpoints) {
      if (endpoint.addresses.empty()) continue;
      const auto address = IpAddr::parse(endpoint.addresses.front());
      if (!address || address->family() != family) continue;
      auto& candidate = out[{*address, *port}];
      candidate.ready = candidate.ready || (endpoint.ready && !endpoint.terminating);
      candidate.serving = candidate.serving || endpoint.serving || endpoint.ready;
      candidate.terminating = candidate.terminating && endpoint.terminating;
      candidate.is_local = candidate.is_local || (!node.name.empty() && endpoint.node_name == node.name);
      candidate.said_by = &endpoint;
    }
  }
  return out;
}

template <class Which>
std::vector<Target> those(const Candidates& all, Which which) {
  std::vector<Target> out;
  for (const auto& [target, candidate] : all)
    if (which(candidate)) out.push_back(target);
  return out;
}

bool names(const std::vector<std::string>& list, const std::string& name) {
  return !name.empty() && std::ranges::find(list, name) != list.end();
}

/// The ready ones that are meant for us; all ready ones, unless each has a hint and one of them is for us.
std::vector<Target> ready_near_us(const Candidates& all, const ProxyNode& node) {
  const auto is_ready = [](const Candidate& c) { return c.ready; };
  bool node_hints = true, zone_hints = true;
  for (const auto& [target, candidate] : all) {
    if (!candidate.ready) continue;
    node_hints = node_hints && !candidate.said_by->for_nodes.empty();
    zone_hints = zone_hints && !candidate.said_by->for_zones.empty();
  }
  if (node_hints)
    if (auto near =
            those(all, [&](const Candidate& c) { return c.ready && names(c.said_by->for_nodes, node.name); });
        !near.empty())
      return near;
  if (zone_hints)
    if (auto near =
            those(all, [&](const Candidate& c) { return c.ready && names(c.said_by->for_zones, node.zone); });
        !near.empty())
      return near;
  return those(all, is_ready);
}

}  // namespace

EndpointChoice choose_endpoints(std::span<const kube::EndpointSlice* const> slices, Family family,
                                std::string_view port_name, std::string_view protocol,
                                const ProxyNode& node) {
  const auto all = candidates_of(slices, family, port_name, protocol, node);
  const auto on_its_way_out = [](const Candidate& c) { return c.serving && c.terminating; };
  EndpointChoice out;
  out.cluster = ready_near_us(all, node);
  if (out.cluster.empty()) out.cluster = those(all, on_its_way_out);
  out.local = those(all, [](const Candidate& c) { return c.is_local && c.ready; });
  out.local_ready = out.local.size();
  if (out.local.empty())
    out.local = those(all, [&](const Candidate& c) { return c.is_local && on_its_way_out(c); });
  out.local_usable =
      those(all, [&](const Candidate& c) { return c.is_local && (c.ready || on_its_way_out(c)); });
  out.serving = those(all, [](const Candidate& c) { return c.serving; });
  out.any =
      std::ranges::any_of(all, [&](const auto& c) { return c.second.ready || on_its_way_out(c.second); });
  return out;
}

}  // namespace podwire::plan
