#pragma once
#include <vector>

#include "cni/attachment.h"
#include "cni/ipam.h"
#include "cni/publish.h"
#include "cni/verbs.h"

namespace podwire::cni {

/// The container's link as it was made.
struct MadeLink {
  std::vector<Interface> interfaces;  ///< for the result: [bridge,] host end, container end
  unsigned container_interface = 0;   ///< index of the container end in `interfaces`
  HostDevice host_device;
  int host_link_index = 0;    ///< of the veth's host end
  std::vector<IpConfig> ips;  ///< as the container has them, with the gateway it really uses
  std::vector<ResultRoute> routes;
};

struct LinkRequest {
  const Call& call;
  const AttachmentNames& names;
  const Leases& leases;
  const kernel::NetNs& here;
  const kernel::NetNs& container;
  kernel::Rtnl& rtnl;            ///< of `here`
  kernel::Rtnl& container_rtnl;  ///< of `container`
  kernel::Sysctl& sysctl;        ///< of `here`
};

/// A port of a bridge: the bridge is made when it is not there and has the gateway's addresses when isGateway
/// says so.
CniResult<MadeLink> make_bridge_link(const LinkRequest& request);

/// A veth pair without a switch: the container has its address as a /32 (/128) and sends all to a gateway
/// that is its own end's peer (169.254.1.1, fe80::1, told by permanent neighbour entries); the host has a
/// route to the veth. Needs neither hairpin nor br_netfilter for Services and policies between containers of
/// one host.
CniResult<MadeLink> make_routed_link(const LinkRequest& request);

// What both kinds need; link_common.cpp.

/// The pair itself: host end up in `here` (port of master_index if not 0), container end up under CNI_IFNAME.
/// Code 100 when the container has an interface of that name. A host end left over by a killed ADD is
/// replaced.
CniResult<state::Link> make_veth(const LinkRequest& request, std::uint32_t mtu, int master_index,
                                 Interface& host_end, Interface& container_end);
/// Loopback up; IPv6 switched on where an address of it comes.
CniResult<> prepare_container(const LinkRequest& request, const std::vector<IpConfig>& ips);
/// IP forwarding for the families of these addresses.
CniResult<> enable_forwarding(kernel::Sysctl& sysctl, const std::vector<IpConfig>& ips);
CniResult<> add_container_address(const LinkRequest& request, int link_index, const Cidr& cidr);
CniResult<> add_container_route(const LinkRequest& request, int link_index, const ResultRoute& route,
                                const std::optional<IpAddr>& gateway);

}  // namespace podwire::cni
