#include "cni/publish.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>

#include "cni/table.h"
#include "cni/teardown.h"

namespace podwire::cni {
namespace {

bool publishes(const Attachment& a, Family f) {
  const char end = f == Family::v4 ? '4' : '6';
  return std::ranges::any_of(
      a.elements, [&](const auto& e) { return e.set.starts_with("published") && e.set.ends_with(end); });
}

/// For clients on 127.0.0.1 and ::1 (docs/adr/0005). Both go with the device.
CniResult<> let_loopback_out(kernel::Rtnl& rtnl, kernel::Sysctl& sysctl, const Attachment& a,
                             const HostDevice& device) {
  if (publishes(a, Family::v4))
    TRY(as_cni(sysctl.ensure("net/ipv4/conf/" + device.name + "/route_localnet", "1")));
  if (!publishes(a, Family::v6)) return {};
  // An answer that is for ::1 again needs a local route of the very device it comes in on. Each device has a
  // metric of its own, as all of them share the prefix.
  auto routed = rtnl.add_route({.dst = Cidr::host(IpAddr::from_value(Family::v6, 1)),
                                .link_index = device.index,
                                .table = RT_TABLE_LOCAL,
                                .type = state::RouteType::local,
                                .metric = static_cast<std::uint32_t>(device.index)});
  if (!routed && routed.error().sys_errno == EEXIST) return {};
  return as_cni(std::move(routed));
}

}  // namespace

CniResult<> publish(const Call& call, const kernel::NetNs& here, kernel::Rtnl& rtnl, kernel::Sysctl& sysctl,
                    const Attachment& a, const HostDevice& device) {
  if (a.elements.empty() && a.network_elements.empty()) return {};
  TRY(let_loopback_out(rtnl, sysctl, a, device));
  const auto nft = TRY(as_cni(call.host.nft(here)));
  TRY(add_elements(*nft, a));
  if (a.udp_ports.empty()) return {};
  const auto conntrack = TRY(as_cni(call.host.conntrack(here)));
  return as_cni(flush_udp_flows(*conntrack, a.udp_ports));
}

}  // namespace podwire::cni
