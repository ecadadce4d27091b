#pragma once
#include <compare>
#include <map>
#include <string>
#include <utility>

#include "state/link.h"
#include "state/neighbour.h"
#include "state/route.h"

namespace podwire::state {

/// A VXLAN device as podwire makes it. Links go by name here: one that does not exist yet has no index.
struct Tunnel {
  std::uint32_t vni = 1;
  std::uint16_t port = 8472;  ///< UDP, host order
  IpAddr local;
  std::string underlay;  ///< the link that carries `local`
  Mac mac;
  std::uint32_t mtu = 0;
  Cidr address;           ///< its one address, beside link-local ones
  bool learning = false;  ///< as read; never wanted
  bool up = true;         ///< as read; always wanted
  friend bool operator==(const Tunnel&, const Tunnel&) = default;
};

/// Something on a link that is named; the object's own link_index is 0.
template <class T>
struct OnLink {
  std::string link;
  T object;
  friend bool operator==(const OnLink&, const OnLink&) = default;
};

/// What a node's kernel should hold so that its pods and those of other nodes reach each other. Of routes,
/// those of our own protocol number; of neighbours and FDB entries, those on our tunnels.
struct Network {
  std::map<std::string, Tunnel> tunnels;  ///< by the device's name
  std::map<std::pair<std::string, IpAddr>, OnLink<Neighbour>> neighbours;
  std::map<std::pair<std::string, Mac>, OnLink<FdbEntry>> fdb;
  std::map<Cidr, OnLink<Route>> routes;
  friend bool operator==(const Network&, const Network&) = default;
};

/// "flannel.1 (vxlan 1, UDP 8472, from 10.89.0.11 by eth0, 0a:..., mtu 1450, 10.244.1.0/32)"
[[nodiscard]] std::string describe(const std::string& name, const Tunnel& tunnel);
/// One line an object, sorted.
[[nodiscard]] std::string describe(const Network& network);

}  // namespace podwire::state
