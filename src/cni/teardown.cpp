#include "cni/teardown.h"

#include <cerrno>

#include "cni/table.h"

namespace podwire::cni {

Result<> delete_link_if_there(kernel::Rtnl& rtnl, const std::string& name) {
  const auto link = rtnl.link(name);
  if (!link && link.error().sys_errno == ENODEV) return {};
  if (!link) return std::unexpected(link.error());
  auto gone = rtnl.delete_link(link->index);
  if (!gone && gone.error().sys_errno == ENODEV) return {};
  return gone;
}

Result<> flush_udp_flows(kernel::Host& host, const kernel::NetNs& here,
                         const std::vector<PortMapping>& ports) {
  if (ports.empty()) return {};
  const auto conntrack = TRY(host.conntrack(here));
  for (const auto& p : ports) {
    state::FlowFilter filter;
    filter.protocol = p.protocol;
    filter.original_dst_port = p.host_port;
    if (p.host_ip && !p.host_ip->is_any()) filter.original_dst = p.host_ip;
    TRY(conntrack->remove(filter));
  }
  return {};
}

Result<> tear_down(kernel::Host& host, const kernel::NetNs& here, const Attachment& a) {
  ErrorList errors;
  if (!a.elements.empty()) {
    if (auto nft = host.nft(here); nft)
      errors.check(remove_elements(**nft, a.elements));
    else
      errors.add(nft.error());
  }
  errors.check(flush_udp_flows(host, here, a.udp_ports));
  if (!a.host_link.empty() || !a.ifb.empty()) {
    auto rtnl = host.rtnl(here);
    if (!rtnl) {
      errors.add(rtnl.error());
    } else {
      if (!a.ifb.empty()) errors.check(delete_link_if_there(**rtnl, a.ifb));
      if (!a.host_link.empty()) errors.check(delete_link_if_there(**rtnl, a.host_link));
    }
  }
  return errors.result();
}

Result<> forget(kernel::Host& host, const kernel::NetNs& here, const AttachmentStore& store,
                const Attachment& a) {
  const auto lock = TRY(store.lock());
  if (!a.network_elements.empty() && TRY(store.is_last(a.owner, a.part))) {
    const auto nft = TRY(host.nft(here));
    TRY(remove_elements(*nft, a.network_elements));
  }
  return store.remove(a.owner, a.part);
}

}  // namespace podwire::cni
