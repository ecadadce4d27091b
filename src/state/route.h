#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/addr.h"
#include "state/address.h"

namespace podwire::state {

/// linux/rtnetlink.h RTN_*.
enum class RouteType : std::uint8_t {
  unicast = 1,
  local = 2,
  broadcast = 3,
  anycast = 4,
  multicast = 5,
  blackhole = 6,
  unreachable = 7,
  prohibit = 8
};

/// linux/rtnetlink.h RTPROT_*; podwire marks what it owns so that a resync can tell it from others' routes.
enum class RouteProtocol : std::uint8_t {
  unspec = 0,
  redirect = 1,
  kernel = 2,
  boot = 3,
  static_ = 4,
  ra = 9,
  dhcp = 16,
  podwire = 87,       ///< pods' own, made by podwire-cni
  podwire_agent = 88  ///< between nodes, made by the agent
};

/// A route with at most one next hop (podwire plans no multipath).
struct Route {
  Cidr dst;                       ///< 0.0.0.0/0 or ::/0 is the default route
  std::optional<IpAddr> gateway;  ///< of dst's family
  int link_index = 0;             ///< RTA_OIF; 0: the kernel finds it by the gateway (or none: blackhole)
  std::optional<IpAddr> source;   ///< preferred source address
  std::uint32_t table = 254;      ///< main
  RouteType type = RouteType::unicast;
  RouteProtocol protocol = RouteProtocol::podwire;
  Scope scope = Scope::global;  ///< link for routes without gateway (IPv4)
  std::uint32_t metric = 0;     ///< RTA_PRIORITY; IPv6 reads 0 as 1024
  bool onlink = false;          ///< the gateway is reachable though no route says so
  std::uint32_t mtu = 0;        ///< 0: the link's
  std::uint32_t advmss = 0;     ///< 0: from the MTU
  friend bool operator==(const Route&, const Route&) = default;
};

/// As `ip route` prints it, with the link by index: "10.244.2.0/24 via 10.244.2.0 dev 7 onlink"
[[nodiscard]] std::string describe(const Route& route);

/// The answer to "which route would a packet take": RTM_GETROUTE.
struct RouteAnswer {
  Route route;  ///< without fib match: dst is the address asked for (a /32 or /128), as the kernel answers
  IpAddr preferred_source;
};

}  // namespace podwire::state
