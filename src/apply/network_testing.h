#pragma once
#include <string>

#include "state/network.h"

namespace podwire::apply {

/// What a node holds that reaches `peers` others by VXLAN over eth0: 10.244.N.0/24 behind 10.89.0.N.
inline state::Network vxlan_to(int peers) {
  const auto ip = [](const std::string& text) { return IpAddr::parse(text).value(); };
  state::Network out;
  out.tunnels["flannel.1"] = {.local = ip("10.89.0.1"),
                              .underlay = "eth0",
                              .mac = Mac::derived_from("self"),
                              .mtu = 1450,
                              .address = Cidr::host(ip("10.244.1.0"))};
  for (int n = 2; n < 2 + peers; ++n) {
    const auto number = std::to_string(n);
    const auto hop = ip("10.244." + number + ".0");
    const auto mac = Mac::derived_from(number);
    out.neighbours[{"flannel.1", hop}] = {"flannel.1", {.addr = hop, .mac = mac}};
    out.fdb[{"flannel.1", mac}] = {"flannel.1",
                                   {.mac = mac, .remote = ip("10.89.0." + number), .self = true}};
    const Cidr pods(hop, 24);
    out.routes[pods] = {
        "flannel.1",
        {.dst = pods, .gateway = hop, .protocol = state::RouteProtocol::podwire_agent, .onlink = true}};
  }
  return out;
}

}  // namespace podwire::apply
