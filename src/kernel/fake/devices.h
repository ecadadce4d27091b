#pragma once
#include <string_view>

#include "kernel/fake/machine.h"

namespace podwire::kernel::fake {

/// EINVAL or ERANGE for what cannot be a device's name, EEXIST when it is taken in `home`.
Result<> check_free_name(Namespace& home, std::string_view verb, const std::string& name);
/// EADDRNOTAVAIL for a multicast or all-zero address, as eth_validate_addr().
Result<> check_mac(std::string_view verb, const std::string& name, const Mac& mac);
/// EINVAL outside of what the device's driver takes. 0 is never in range.
Result<> check_mtu(std::string_view verb, const state::Link& link, std::uint32_t mtu);

/// What a bridge takes as a port: EINVAL for lo and for a master that is not there, EOPNOTSUPP for a master
/// that is no bridge, ELOOP for a bridge in a bridge. Index 0, no master, is always right.
Result<> check_master(Namespace& home, const state::Link& port, int master_index);
/// The family of the packets round a VXLAN's frames.
[[nodiscard]] Family outer_family(const state::Vxlan& vxlan);
/// What is left of the underlay's MTU when Ethernet, IP, UDP and VXLAN headers are put round a packet.
[[nodiscard]] std::uint32_t greatest_vxlan_mtu(const Namespace& home, const state::Vxlan& vxlan);

/// Registers a device under the next index, with a MAC of its own if it has none. The name must be free.
/// Returns the index. Call settle() when the change is whole.
int add_device(Namespace& home, state::Link link);
/// Unregisters it with all that hangs on it: a veth's other end, a bridge's ports (freed), VXLANs on top,
/// addresses, routes, neighbours, forwarding entries, shapers.
void remove_device(Namespace& home, int index);
/// Into another namespace, as dev_change_net_namespace(): it arrives down and with nothing on it, under the
/// same index if that is free there. The name must be free there.
void carry_device(Namespace& from, int index, const std::shared_ptr<Namespace>& to);

void set_up(Namespace& home, Device& device, bool up);
void set_mac(Namespace& home, Device& device, const Mac& mac);
void set_mtu(Namespace& home, Device& device, std::uint32_t mtu);
/// Puts it into a bridge, out of the one it is in before; 0: just out.
void set_master(Namespace& home, Device& device, int master_index);

/// Brings what follows from all devices' state up to date, in all namespaces: carrier, what is shown of veth
/// peers, and IPv6 on links that got their carrier.
void settle(Machine& machine);

}  // namespace podwire::kernel::fake
