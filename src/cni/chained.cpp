#include "cni/chained.h"

#include <algorithm>

#include "cni/elements.h"
#include "cni/namespaces.h"
#include "cni/publish.h"
#include "cni/shaping.h"
#include "cni/teardown.h"

namespace podwire::cni {
namespace {

/// The device that the host reaches the container by: its bridge or its veth.
CniResult<state::Link> device_towards(kernel::Rtnl& rtnl, const std::vector<IpConfig>& ips) {
  if (ips.empty()) return refuse(Code::bad_config, "prevResult.ips: no address of the container");
  const IpAddr addr = ips.front().address.addr();
  const auto answer = TRY(as_cni(rtnl.route_to(addr)));
  if (answer.route.link_index == 0)
    return refuse(Code::bad_config, "prevResult.ips: the host has no route to " + addr.str());
  return as_cni(rtnl.link(answer.route.link_index));
}

Attachment record_of(const Call& call, const AttachmentNames& names, const std::vector<IpConfig>& ips,
                     const state::Link& device) {
  Attachment a{.network = call.conf.name, .owner = call.owner(), .part = part_of(call.conf.role)};
  for (const auto& ip : ips) a.addresses.push_back(ip.address);
  if (call.conf.bandwidth.egress_rate != 0) a.ifb = names.ifb;
  const bool bridged = device.kind == "bridge";
  const auto elements = plan_elements({.network = a.network,
                                       .names = names,
                                       .addresses = a.addresses,
                                       .bridged = bridged,
                                       .host_device = device.name,
                                       .device_is_shared = bridged,
                                       .ip_masq = call.conf.link.ip_masq,
                                       .ports = call.conf.port_mappings,
                                       .publish = call.conf.publish});
  a.elements = elements.own;
  a.network_elements = elements.shared;
  std::ranges::copy_if(call.conf.port_mappings, std::back_inserter(a.udp_ports),
                       [](const PortMapping& p) { return p.protocol == 17; });
  return a;
}

/// Two chained entries of one list (ports, then bandwidth) share a record: the first DEL undoes both.
Attachment joined(Attachment all, const Attachment& more) {
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(all.elements, more.elements);
  append(all.network_elements, more.network_elements);
  append(all.udp_ports, more.udp_ports);
  append(all.addresses, more.addresses);
  if (all.ifb.empty()) all.ifb = more.ifb;
  return all;
}

}  // namespace

std::vector<IpConfig> container_ips(const AddResult& prev) {
  std::vector<IpConfig> out;
  for (const auto& ip : prev.ips)
    if (!ip.interface ||
        (*ip.interface < prev.interfaces.size() && !prev.interfaces[*ip.interface].sandbox.empty()))
      out.push_back(ip);
  return out;
}

CniResult<> record(const AttachmentStore& store, const Attachment& attachment) {
  const auto lock = TRY(as_cni(store.lock(), Code::io_failure));
  TRY(as_cni(store.share(attachment.network_elements), Code::io_failure));
  return as_cni(store.write(attachment), Code::io_failure);
}

CniResult<state::Link> host_end_of(const Call& call, const kernel::NetNs& here, kernel::Rtnl& rtnl) {
  const auto container = TRY(open_container(call, here));
  const auto inside_rtnl = TRY(as_cni(call.host.rtnl(container)));
  const auto inside = TRY(as_cni(inside_rtnl->link(call.invocation.ifname)));
  auto outside = rtnl.link(inside.peer_index);
  if (inside.kind != "veth" || !outside)
    return refuse(Code::bad_config,
                  "bandwidth: " + call.invocation.ifname + " is no veth whose other end is here");
  return std::move(*outside);
}

CniResult<AddResult> add_chained(const Call& call) {
  if (!call.conf.prev_result)
    return refuse(Code::bad_config,
                  "prevResult: missing; \"" + call.conf.type + "\" without ipam runs behind another plugin");
  const AddResult& prev = *call.conf.prev_result;
  const bool masq = call.conf.link.ip_masq;
  if (call.conf.port_mappings.empty() && !masq && !call.conf.bandwidth.any()) return prev;

  const auto here = TRY(as_cni(call.host.current_netns()));
  const auto rtnl = TRY(as_cni(call.host.rtnl(here)));
  const auto sysctl = TRY(as_cni(call.host.sysctl(here)));
  const auto ips = container_ips(prev);
  state::Link device;
  if (!call.conf.port_mappings.empty() || masq) device = TRY(device_towards(*rtnl, ips));

  const auto names = names_of(call.conf.name + "+" + call.conf.type, call.owner());
  const AttachmentStore store(call.conf.data_dir, call.conf.name);
  const auto mine = record_of(call, names, ips, device);
  const auto before = TRY(as_cni(store.read(mine.owner, mine.part), Code::io_failure));
  TRY(record(store, before ? joined(*before, mine) : mine));
  const auto act = [&]() -> CniResult<> {
    if (call.conf.bandwidth.any())
      TRY(shape(*rtnl, TRY(host_end_of(call, here, *rtnl)), call.conf.bandwidth, names.ifb));
    return publish(call, here, *rtnl, *sysctl, mine, {device.name, device.index});
  };
  if (auto done = act(); !done) {
    CniError e = std::move(done.error());
    ErrorList undo;
    undo.check(tear_down(call.host, here, store, mine, before ? Shared::keep : Shared::with_the_last));
    if (!before) undo.check(forget(call.host, here, store, mine));
    if (auto kept = before ? record(store, *before) : CniResult<>(); !kept)
      undo.add({.verb = kept.error().msg});
    if (!undo.empty()) e.details += "; undo: " + undo.result().error().message();
    return std::unexpected(std::move(e));
  }
  return prev;
}

}  // namespace podwire::cni
