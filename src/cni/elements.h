#pragma once
#include <string>
#include <vector>

#include "base/addr.h"
#include "cni/attachment.h"
#include "cni/netconf.h"

namespace podwire::cni {

/// What the table must know to give a container its masquerade and its published ports. Pure values.
struct ElementRequest {
  std::string network;
  AttachmentNames names;
  std::vector<Cidr> addresses;    ///< the container's, with the prefix length of their subnet
  bool bridged = false;           ///< its neighbours on the subnet are reached without the host's routing
  std::string host_device;        ///< the bridge, or the routed veth's host end: where 127.0.0.1 is routed to
  bool device_is_shared = false;  ///< a bridge: elements about it belong to the whole network
  bool ip_masq = false;
  bool internal = false, guarded = false, isolate_ports = false;
  std::vector<PortMapping> ports;
  PublishConf publish;
};

struct Elements {
  std::vector<OwnedElement> own;     ///< this attachment's
  std::vector<OwnedElement> shared;  ///< the network's: they go with its last attachment
  bool route_localnet = false;       ///< IPv4 ports are published: host_device needs route_localnet=1
};

/// Decides the elements of table `inet podwire-cni` (shape.nft). Each port is published for the first address
/// of each family that its hostIP allows. Deterministic.
Elements plan_elements(const ElementRequest& request);

/// "inet podwire-cni", the one table of podwire-cni.
[[nodiscard]] state::NftSet nft_set(std::string_view name);
/// The text that makes it: shape.nft, built into the program.
[[nodiscard]] std::string_view nft_shape();

}  // namespace podwire::cni
