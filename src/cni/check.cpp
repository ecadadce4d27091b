#include <algorithm>

#include "cni/chained.h"
#include "cni/ipam.h"
#include "cni/loopback.h"
#include "cni/namespaces.h"
#include "cni/shaping.h"
#include "cni/table.h"
#include "cni/verbs.h"

namespace podwire::cni {
namespace {

CniResult<> gone(const std::string& what) { return refuse(Code::check_failed, what); }

/// Addresses and routes of prevResult; more than these is fine, a later plugin may have added it.
CniResult<> check_inside(const Call& call, kernel::Rtnl& rtnl, const std::vector<IpConfig>& ips) {
  const auto& inv = call.invocation;
  const auto link = rtnl.link(inv.ifname);
  if (!link) return gone("interface \"" + inv.ifname + "\" is not in " + inv.netns);
  for (const auto& i : call.conf.prev_result->interfaces)
    if (i.name == inv.ifname && i.sandbox == inv.netns && !i.mac.empty() && i.mac != link->mac.str())
      return gone("interface \"" + inv.ifname + "\" has MAC " + link->mac.str() + ", not " + i.mac);
  const auto addresses = TRY(as_cni(rtnl.addresses({}, link->index)));
  for (const auto& ip : ips)
    if (std::ranges::none_of(addresses, [&](const auto& a) { return a.cidr == ip.address; }))
      return gone("address " + ip.address.str() + " is not on \"" + inv.ifname + "\" in " + inv.netns);
  const auto routes = TRY(as_cni(rtnl.routes({}, 0)));
  for (const auto& wanted : call.conf.prev_result->routes)
    if (std::ranges::none_of(routes, [&](const auto& r) {
          return r.dst == wanted.dst.network() && (!wanted.gateway || r.gateway == wanted.gateway);
        }))
      return gone("route to " + wanted.dst.str() + " is not in " + inv.netns);
  return {};
}

CniResult<> check_host_side(const Call& call, const kernel::NetNs& here, kernel::Rtnl& rtnl) {
  const AttachmentStore store(call.conf.data_dir, call.conf.name);
  const auto attachment = TRY(as_cni(store.read(call.owner(), part_of(call.conf.role)), Code::io_failure));
  if (!attachment) {
    if (call.conf.role == Role::link || !call.conf.port_mappings.empty() || call.conf.bandwidth.any())
      return gone("there is no record of container " + call.invocation.container_id);
    return {};
  }
  state::Link host_end;
  if (!attachment->host_link.empty()) {
    const auto link = rtnl.link(attachment->host_link);
    if (!link) return gone("the host's end " + attachment->host_link + " is gone");
    host_end = *link;
    if (call.conf.link.kind == LinkKind::bridge) {
      const auto bridge = rtnl.link(call.conf.link.bridge);
      if (!bridge || host_end.master_index != bridge->index)
        return gone(host_end.name + " is no port of bridge \"" + call.conf.link.bridge + "\"");
    } else {
      for (const auto& c : attachment->addresses) {
        const auto answer = rtnl.route_to(c.addr());
        if (!answer || answer->route.link_index != host_end.index)
          return gone("the host has no route to " + c.addr().str() + " by " + host_end.name);
      }
    }
  }
  if (!attachment->elements.empty() || !attachment->network_elements.empty()) {
    const auto nft = TRY(as_cni(call.host.nft(here)));
    for (const auto* list : {&attachment->elements, &attachment->network_elements})
      if (const auto missing = TRY(as_cni(missing_element(*nft, *list))))
        return gone("nft set podwire-cni " + missing->set + " has no element for " +
                    call.invocation.container_id);
  }
  if (call.conf.bandwidth.any()) {
    if (host_end.index == 0) host_end = TRY(host_end_of(call, here, rtnl));
    TRY(check_shape(rtnl, host_end, call.conf.bandwidth, attachment->ifb));
  }
  return {};
}

}  // namespace

CniResult<> check(const Call& call) {
  if (call.conf.role == Role::loopback) return check_loopback(call);
  if (call.conf.role == Role::ipam)
    return check_addresses(
        call, call.conf.prev_result ? container_ips(*call.conf.prev_result) : std::vector<IpConfig>{});
  if (!call.conf.prev_result) return refuse(Code::bad_config, "prevResult: CHECK needs it");
  const auto ips = container_ips(*call.conf.prev_result);
  const auto here = TRY(as_cni(call.host.current_netns()));
  const auto rtnl = TRY(as_cni(call.host.rtnl(here)));
  if (call.conf.role == Role::link) {
    const auto container = TRY(open_container(call, here));
    const auto inside = TRY(as_cni(call.host.rtnl(container)));
    TRY(check_inside(call, *inside, ips));
    TRY(check_addresses(call, ips));
  }
  return check_host_side(call, here, *rtnl);
}

}  // namespace podwire::cni
