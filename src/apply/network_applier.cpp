#include "apply/network_applier.h"

#include <cerrno>
#include <utility>

#include "apply/network_reader.h"

namespace podwire::apply {
namespace {

/// It went without us: with its link, or somebody else was faster.
Result<> unless_gone(Result<> dropped) {
  if (dropped) return dropped;
  const int err = dropped.error().sys_errno;
  if (err == ENOENT || err == ESRCH || err == ENODEV || err == EADDRNOTAVAIL) return {};
  return dropped;
}

}  // namespace

Result<std::size_t> NetworkApplier::apply(const state::Network& wanted) {
  indices_.clear();
  if (!known_) known_ = TRY(read_network(rtnl_));
  const auto steps = network_steps(*known_, wanted);
  ErrorList errors;
  for (const auto& step : steps)
    if (auto done = perform(step); !done) errors.add(std::move(done.error()).in(describe(step)));
  if (!errors.empty()) {
    known_.reset();
    return std::unexpected(errors.result().error());
  }
  TRY(note_links(wanted));
  known_ = wanted;
  return steps.size();
}

Result<> NetworkApplier::note_links(const state::Network& of) {
  links_.clear();
  const auto note = [this](const std::string& name) -> Result<> {
    links_[TRY(index_of(name))] = name;
    return {};
  };
  for (const auto& [name, tunnel] : of.tunnels) {
    TRY(note(name));
    TRY(note(tunnel.underlay));
  }
  for (const auto& [dst, route] : of.routes) TRY(note(route.link));
  return {};
}

Result<int> NetworkApplier::index_of(const std::string& link) {
  if (const auto at = indices_.find(link); at != indices_.end()) return at->second;
  return indices_[link] = TRY(rtnl_.link(link)).index;
}

template <class T>
Result<T> NetworkApplier::placed(const state::OnLink<T>& item) {
  auto out = item.object;
  out.link_index = TRY(index_of(item.link));
  return out;
}

Result<> NetworkApplier::bring_up(int index, const state::Tunnel& tunnel) {
  TRY(rtnl_.change_link(index, {.up = true}));
  for (const auto& address : TRY(rtnl_.addresses({}, index)))
    if (address.cidr != tunnel.address && !address.cidr.addr().is_link_local())
      TRY(unless_gone(rtnl_.delete_address(address)));
  return rtnl_.add_address(
      {.link_index = index, .cidr = tunnel.address, .no_dad = tunnel.address.family() == Family::v6},
      kernel::Existing::replace);
}

Result<> NetworkApplier::perform_one(const MakeTunnel& step) {
  const auto& tunnel = step.tunnel;
  const auto index = TRY(rtnl_.create_vxlan({.name = step.name,
                                             .vxlan = {.vni = tunnel.vni,
                                                       .port = tunnel.port,
                                                       .local = tunnel.local,
                                                       .underlay_index = TRY(index_of(tunnel.underlay))},
                                             .mac = tunnel.mac,
                                             .mtu = tunnel.mtu}));
  indices_[step.name] = index;
  return bring_up(index, tunnel);
}

Result<> NetworkApplier::perform_one(const ChangeTunnel& step) {
  const auto now = TRY(rtnl_.link(step.name));
  kernel::LinkChange change;
  if (now.mac != step.tunnel.mac) change.mac = step.tunnel.mac;
  if (now.mtu != step.tunnel.mtu) change.mtu = step.tunnel.mtu;
  TRY(rtnl_.change_link(now.index, change));
  return bring_up(now.index, step.tunnel);
}

Result<> NetworkApplier::perform_one(const DropTunnel& step) {
  const auto index = index_of(step.name);
  if (!index) return index.error().sys_errno == ENODEV ? Result<>() : std::unexpected(index.error());
  indices_.erase(step.name);
  return unless_gone(rtnl_.delete_link(*index));
}

template <class T>
Result<> NetworkApplier::perform_one(const Set<T>& step) {
  return set(TRY(placed(step.item)));
}

template <class T>
Result<> NetworkApplier::perform_one(const Drop<T>& step) {
  const auto object = placed(step.item);
  return unless_gone(object ? drop(*object) : std::unexpected(object.error()));
}

Result<> NetworkApplier::perform(const NetworkStep& step) {
  return std::visit([this](const auto& s) { return perform_one(s); }, step);
}

}  // namespace podwire::apply
