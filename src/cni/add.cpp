#include <algorithm>

#include "cni/chained.h"
#include "cni/ipam.h"
#include "cni/link.h"
#include "cni/loopback.h"
#include "cni/namespaces.h"
#include "cni/publish.h"
#include "cni/shaping.h"
#include "cni/table.h"
#include "cni/teardown.h"
#include "cni/verbs.h"

namespace podwire::cni {
namespace {

/// Everything of one ADD that a failure has to take back.
class Undo {
 public:
  Undo(const Call& call, const kernel::NetNs& here, const AttachmentStore& store, Attachment& attachment)
      : call_(call), here_(here), store_(store), attachment_(attachment) {}
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  /// Takes back, and adds to the error what could not be: a later DEL or GC will.
  CniError because(CniError e) {
    ErrorList errors;
    if (recorded) errors.check(tear_down(call_.host, here_, store_, attachment_));
    if (leased)
      if (auto r = release_addresses(call_, attachment_.addresses); !r) errors.add({.verb = r.error().msg});
    if (recorded && errors.empty()) errors.check(forget(call_.host, here_, store_, attachment_));
    if (!errors.empty())
      e.details += (e.details.empty() ? "" : "; ") + ("undo: " + errors.result().error().message());
    return e;
  }
  bool leased = false, recorded = false;

 private:
  const Call& call_;
  const kernel::NetNs& here_;
  const AttachmentStore& store_;
  Attachment& attachment_;
};

Attachment start_record(const Call& call, const AttachmentNames& names, const Leases& leases) {
  Attachment a{.network = call.conf.name,
               .owner = call.owner(),
               .part = part_of(call.conf.role),
               .host_link = names.host_link,
               .ipam_ours = call.conf.ipam && call.conf.ipam->ours};
  for (const auto& ip : leases.ips) a.addresses.push_back(ip.address);
  if (call.conf.bandwidth.egress_rate != 0) a.ifb = names.ifb;
  const LinkConf& link = call.conf.link;
  const bool bridged = link.kind == LinkKind::bridge;
  const auto elements = plan_elements({.network = a.network,
                                       .names = names,
                                       .addresses = a.addresses,
                                       .bridged = bridged,
                                       .host_device = bridged ? link.bridge : names.host_link,
                                       .device_is_shared = bridged,
                                       .ip_masq = link.ip_masq,
                                       .internal = link.internal,
                                       .guarded = link.guarded,
                                       .isolate_ports = link.port_isolation,
                                       .ports = call.conf.port_mappings,
                                       .publish = call.conf.publish});
  a.elements = elements.own;
  a.network_elements = elements.shared;
  std::ranges::copy_if(call.conf.port_mappings, std::back_inserter(a.udp_ports),
                       [](const PortMapping& p) { return p.protocol == 17; });
  return a;
}

CniResult<AddResult> build(const LinkRequest& request, const Attachment& a) {
  const Call& call = request.call;
  auto made =
      TRY(call.conf.link.kind == LinkKind::bridge ? make_bridge_link(request) : make_routed_link(request));
  if (call.conf.bandwidth.any()) {
    const auto host_end = TRY(as_cni(request.rtnl.link(made.host_link_index)));
    TRY(shape(request.rtnl, host_end, call.conf.bandwidth, request.names.ifb));
  }
  TRY(publish(call, request.here, request.rtnl, request.sysctl, a, made.host_device));
  AddResult result{
      .interfaces = std::move(made.interfaces), .ips = std::move(made.ips), .routes = std::move(made.routes)};
  result.dns = call.conf.dns.empty() ? request.leases.dns : call.conf.dns;
  return result;
}

/// An ADD that was killed may have left a record, and with it everything else: start clean.
CniResult<> clear_leftover(const Call& call, const kernel::NetNs& here, const AttachmentStore& store) {
  const auto old = TRY(as_cni(store.read(call.owner(), part_of(call.conf.role)), Code::io_failure));
  if (!old) return {};
  TRY(as_cni(tear_down(call.host, here, store, *old)));
  return as_cni(forget(call.host, here, store, *old));
}

CniResult<AddResult> add_link(const Call& call) {
  const auto here = TRY(as_cni(call.host.current_netns()));
  const auto container = TRY(open_container(call, here));
  const auto container_rtnl = TRY(as_cni(call.host.rtnl(container)));
  if (container_rtnl->link(call.invocation.ifname))
    return refuse(Code::interface_exists, "CNI_IFNAME: \"" + call.invocation.ifname + "\" exists in " +
                                              call.invocation.netns + " already");
  const auto rtnl = TRY(as_cni(call.host.rtnl(here)));
  const auto sysctl = TRY(as_cni(call.host.sysctl(here)));
  const AttachmentStore store(call.conf.data_dir, call.conf.name);
  TRY(clear_leftover(call, here, store));

  Attachment attachment;
  Undo undo(call, here, store, attachment);
  const auto leases = TRY(acquire_addresses(call));
  undo.leased = true;
  const auto names = names_of(call.conf.name, call.owner());
  attachment = start_record(call, names, leases);
  undo.recorded = true;
  if (auto written = record(store, attachment); !written)
    return std::unexpected(undo.because(written.error()));

  auto result = build({call, names, leases, here, container, *rtnl, *container_rtnl, *sysctl}, attachment);
  if (!result) return std::unexpected(undo.because(std::move(result.error())));
  return result;
}

}  // namespace

CniResult<AddResult> add(const Call& call) {
  switch (call.conf.role) {
    case Role::link:
      return add_link(call);
    case Role::chained:
      return add_chained(call);
    case Role::loopback:
      return add_loopback(call);
    case Role::ipam: {
      auto leases = TRY(acquire_addresses(call));
      return AddResult{.interfaces = {}, .ips = leases.ips, .routes = leases.routes, .dns = leases.dns};
    }
  }
  return refuse(Code::internal, "unknown role");
}

}  // namespace podwire::cni
