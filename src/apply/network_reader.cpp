#include "apply/network_reader.h"

#include <algorithm>
#include <map>
#include <vector>

namespace podwire::apply {
namespace {

using Names = std::map<int, std::string>;  // of links, by index

std::string name_of(const Names& names, int index) {
  const auto at = names.find(index);
  return at == names.end() ? std::string() : at->second;
}

bool is_tunnel(const state::Link& link) {
  return link.vxlan && (link.name.starts_with("flannel.") || link.name.starts_with("flannel-v6."));
}

Result<state::Tunnel> read_tunnel(kernel::Rtnl& rtnl, const state::Link& link, const Names& names) {
  state::Tunnel out{.vni = link.vxlan->vni,
                    .port = link.vxlan->port,
                    .local = link.vxlan->local.value_or(IpAddr()),
                    .underlay = name_of(names, link.vxlan->underlay_index),
                    .mac = link.mac,
                    .mtu = link.mtu,
                    .learning = link.vxlan->learning,
                    .up = link.up};
  std::vector<Cidr> own;
  for (const auto& address : TRY(rtnl.addresses({}, link.index)))
    if (!address.cidr.addr().is_link_local()) own.push_back(address.cidr);
  if (own.size() == 1) out.address = own.front();
  return out;
}

Result<> read_entries(kernel::Rtnl& rtnl, const state::Link& link, state::Network& out) {
  for (auto& neighbour : TRY(rtnl.neighbours({}, link.index))) {
    if (neighbour.state != state::NeighbourState::permanent || neighbour.proxy) continue;
    neighbour.link_index = 0;
    out.neighbours[{link.name, neighbour.addr}] = {link.name, neighbour};
  }
  for (auto& entry : TRY(rtnl.fdb(link.index))) {
    entry.link_index = 0;
    out.fdb[{link.name, entry.mac}] = {link.name, entry};
  }
  return {};
}

}  // namespace

Result<state::Network> read_network(kernel::Rtnl& rtnl) {
  state::Network out;
  Names names;
  const auto links = TRY(rtnl.links());
  for (const auto& link : links) names[link.index] = link.name;
  for (const auto& link : links) {
    if (!is_tunnel(link)) continue;
    out.tunnels[link.name] = TRY(read_tunnel(rtnl, link, names));
    TRY(read_entries(rtnl, link, out));
  }
  for (auto& route : TRY(rtnl.routes())) {
    if (route.protocol != state::RouteProtocol::podwire_agent) continue;
    const auto link = name_of(names, route.link_index);
    route.link_index = 0;
    if (route.dst.family() == Family::v6 && route.metric == 1024) route.metric = 0;  // as 0 is read
    out.routes[route.dst] = {link, route};
  }
  return out;
}

}  // namespace podwire::apply
