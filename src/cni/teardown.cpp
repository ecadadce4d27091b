#include "cni/teardown.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

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

Result<> flush_udp_flows(kernel::Conntrack& conntrack, const std::vector<PortMapping>& ports) {
  for (const auto& p : ports) {
    state::FlowFilter filter;
    filter.protocol = p.protocol;
    filter.original_dst_port = p.host_port;
    if (p.host_ip && !p.host_ip->is_any()) filter.original_dst = p.host_ip;
    TRY(conntrack.remove(filter));
  }
  return {};
}

namespace {

/// What is to go from the table with this attachment. Under the network's lock.
Result<std::vector<OwnedElement>> elements_to_go(const AttachmentStore& store, const Attachment& a,
                                                 Shared shared) {
  auto out = a.elements;
  if (shared == Shared::with_the_last && TRY(store.is_last(a.owner, a.part)))
    std::ranges::move(TRY(store.shared()), std::back_inserter(out));
  return out;
}

/// A new attachment writes its record before it adds elements, so either it is counted here or it adds those
/// that are shared again after us. `nft` is opened when there is something to do.
Result<> remove_all_elements(kernel::Host& host, const kernel::NetNs& here, const AttachmentStore& store,
                             const Attachment& a, Shared shared, std::unique_ptr<kernel::Nft>& nft) {
  if (!store.there()) return {};
  const auto lock = TRY(store.lock());
  const auto elements = TRY(elements_to_go(store, a, shared));
  if (elements.empty()) return {};
  nft = TRY(host.nft(here));
  return remove_elements(*nft, elements);
}

}  // namespace

Result<> tear_down(kernel::Host& host, const kernel::NetNs& here, const AttachmentStore& store,
                   const Attachment& a, Shared shared) {
  ErrorList errors;
  // Lives until the devices are gone: to close an nf_tables socket is to wait until the kernel has freed what
  // was removed, one RCU grace period, and deleting a device waits for one, too. So they are waited for
  // together.
  std::unique_ptr<kernel::Nft> nft;
  errors.check(remove_all_elements(host, here, store, a, shared, nft));
  if (!a.udp_ports.empty()) {
    if (auto conntrack = host.conntrack(here); conntrack)
      errors.check(flush_udp_flows(**conntrack, a.udp_ports));
    else
      errors.add(conntrack.error());
  }
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

Result<> remove_shared(kernel::Host& host, const kernel::NetNs& here, const AttachmentStore& store) {
  if (const auto shared = TRY(store.shared()); !shared.empty()) {
    const auto nft = TRY(host.nft(here));
    TRY(remove_elements(*nft, shared));
  }
  return store.unshare();
}

Result<> forget(kernel::Host& host, const kernel::NetNs& here, const AttachmentStore& store,
                const Attachment& a) {
  if (!store.there()) return {};
  const auto lock = TRY(store.lock());
  // Of two that were torn down at the same time neither was the last one then.
  if (TRY(store.is_last(a.owner, a.part))) TRY(remove_shared(host, here, store));
  return store.remove(a.owner, a.part);
}

}  // namespace podwire::cni
