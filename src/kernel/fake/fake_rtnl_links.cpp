#include <cerrno>

#include "kernel/fake/devices.h"
#include "kernel/fake/fake_rtnl.h"
#include "kernel/fake/sysctl_tree.h"

namespace podwire::kernel::fake {
namespace {

Result<> check_end(Namespace& home, const VethEnd& end) {
  TRY(check_free_name(home, "create veth", end.name));
  if (end.mac) TRY(check_mac("create veth", end.name, *end.mac));
  state::Link wanted{.name = end.name, .kind = "veth"};
  if (end.mtu != 0) TRY(check_mtu("create veth", wanted, end.mtu));
  return {};
}

state::Link link_of(const VethEnd& end) {
  return {.name = end.name, .kind = "veth", .mac = end.mac.value_or(Mac()), .mtu = end.mtu};
}

/// Linux's own limit: a VNI has 24 bits (vxlan_validate).
constexpr std::uint32_t kGreatestVni = (1u << 24) - 1;

Family underlay_family(const state::Vxlan& vxlan) { return vxlan.local ? vxlan.local->family() : Family::v4; }

/// Outer Ethernet, IP, UDP and VXLAN headers: what a VXLAN's MTU is smaller than that of the link below.
std::uint32_t vxlan_overhead(const state::Vxlan& vxlan) {
  return underlay_family(vxlan) == Family::v4 ? 50 : 70;
}

Result<> check_vxlan(Namespace& home, const VxlanSpec& spec) {
  const auto no = [&](int err, std::string_view why) { return fail("create vxlan", spec.name, err, why); };
  TRY(check_free_name(home, "create vxlan", spec.name));
  if (spec.mac) TRY(check_mac("create vxlan", spec.name, *spec.mac));
  if (spec.vxlan.vni > kGreatestVni) return no(ERANGE, "a VNI has 24 bits");
  const int below = spec.vxlan.underlay_index;
  if (below != 0 && home.find(below) == nullptr) return no(ENODEV, "no such underlay link");
  for (const auto& [index, device] : home.devices) {
    const auto& other = device.link.vxlan;
    if (other && other->vni == spec.vxlan.vni && other->port == spec.vxlan.port &&
        underlay_family(*other) == underlay_family(spec.vxlan))
      return no(EEXIST, "a VXLAN device with the specified VNI already exists");
  }
  return {};
}

Result<> check_master(Namespace& home, const state::Link& port, int master_index) {
  const auto no = [&](int err, std::string_view why = {}) {
    return fail("set master of", port.name, err, why);
  };
  if (master_index == 0) return {};
  const Device* master = home.find(master_index);
  if (master == nullptr) return no(EINVAL);
  if (master->link.kind != "bridge") return no(EOPNOTSUPP);
  if (port.kind.empty()) return no(EINVAL);
  if (port.kind == "bridge") return no(ELOOP, "can not enslave a bridge to a bridge");
  return {};
}

/// do_setlink(): field by field in the kernel's order; what was changed before a field fails stays changed.
Result<> apply_change(Namespace& home, Device& device, const LinkChange& change) {
  auto& link = device.link;
  if (change.mac) {
    TRY(check_mac("change link", link.name, *change.mac));
    set_mac(home, device, *change.mac);
  }
  if (change.mtu) {
    TRY(check_mtu("change link", link, *change.mtu));
    set_mtu(home, device, *change.mtu);
  }
  if (change.name && *change.name != link.name) {
    TRY(check_free_name(home, "rename link", *change.name));
    rename_link_sysctls(home, link.name, *change.name);
    link.name = *change.name;
  }
  if (change.alias) link.alias = *change.alias;
  if (change.master_index) {
    TRY(check_master(home, link, *change.master_index));
    set_master(home, device, *change.master_index);
  }
  if (change.up) set_up(home, device, *change.up);
  if (change.promisc) link.promisc = *change.promisc;
  if (!change.hairpin && !change.isolated && !change.learning) return {};
  if (!link.port) return fail("change bridge port", link.name, EOPNOTSUPP, "it is not a port of a bridge");
  link.port->hairpin = change.hairpin.value_or(link.port->hairpin);
  link.port->isolated = change.isolated.value_or(link.port->isolated);
  link.port->learning = change.learning.value_or(link.port->learning);
  return {};
}

}  // namespace

Result<std::vector<state::Link>> FakeRtnl::links() {
  std::vector<state::Link> out;
  for (const auto& [index, device] : home_->devices) out.push_back(device.link);
  return out;
}

Result<state::Link> FakeRtnl::link(std::string_view name) {
  if (const Device* device = home_->find(name)) return device->link;
  return fail("find link", name, ENODEV);
}

Result<state::Link> FakeRtnl::link(int index) { return TRY(home_->need("find link", index))->link; }

Result<int> FakeRtnl::create_veth(const VethEnd& host, const VethEnd& peer, const NetNs& peer_netns) {
  const auto call = fmt::format("rtnl create_veth {} peer {} in {}", host.name, peer.name, peer_netns.name());
  return machine_->mutate(call, [&]() -> Result<int> {
    const auto far = TRY(machine_->need(peer_netns));
    TRY(check_end(*home_, host));
    TRY(check_end(*far, peer));
    if (far == home_ && host.name == peer.name) return fail("create veth", host.name, EEXIST);
    TRY(check_master(*home_, link_of(host), host.master_index));
    const int peer_index = add_device(*far, link_of(peer));
    const int host_index = add_device(*home_, link_of(host));
    Device& near_end = *home_->find(host_index);
    Device& far_end = *far->find(peer_index);
    near_end.peer_home = far;
    near_end.peer_index = peer_index;
    far_end.peer_home = home_;
    far_end.peer_index = host_index;
    set_master(*home_, near_end, host.master_index);
    set_up(*home_, near_end, host.up);
    settle(*machine_);
    return host_index;
  });
}

Result<int> FakeRtnl::create_bridge(const BridgeSpec& spec) {
  return machine_->mutate("rtnl create_bridge " + spec.name, [&]() -> Result<int> {
    TRY(check_free_name(*home_, "create bridge", spec.name));
    state::Link wanted{.name = spec.name, .kind = "bridge", .mac = spec.mac.value_or(Mac()), .mtu = spec.mtu};
    wanted.vlan_filtering = spec.vlan_filtering;
    if (spec.mac) TRY(check_mac("create bridge", spec.name, *spec.mac));
    if (spec.mtu != 0) TRY(check_mtu("create bridge", wanted, spec.mtu));
    const int index = add_device(*home_, std::move(wanted));
    Device& bridge = *home_->find(index);
    bridge.mac_chosen = spec.mac.has_value();
    bridge.mtu_chosen = spec.mtu != 0;
    return index;
  });
}

Result<int> FakeRtnl::create_vxlan(const VxlanSpec& spec) {
  return machine_->mutate("rtnl create_vxlan " + spec.name, [&]() -> Result<int> {
    TRY(check_vxlan(*home_, spec));
    state::Link wanted{.name = spec.name, .kind = "vxlan", .mac = spec.mac.value_or(Mac()), .mtu = spec.mtu};
    if (spec.mtu != 0) TRY(check_mtu("create vxlan", wanted, spec.mtu));
    const Device* below = home_->find(spec.vxlan.underlay_index);
    if (spec.mtu == 0 && below != nullptr) wanted.mtu = below->link.mtu - vxlan_overhead(spec.vxlan);
    wanted.vxlan = spec.vxlan;
    return add_device(*home_, std::move(wanted));
  });
}

Result<int> FakeRtnl::create_plain(std::string_view kind, std::string_view name) {
  return machine_->mutate(fmt::format("rtnl create_plain {} {}", kind, name), [&]() -> Result<int> {
    const std::string wanted(name);
    TRY(check_free_name(*home_, "create link", wanted));
    if (kind != "dummy" && kind != "ifb")
      return fail("create link", fmt::format("{} ({})", name, kind), EOPNOTSUPP, "unknown device type");
    return add_device(*home_, {.name = wanted, .kind = std::string(kind)});
  });
}

Result<> FakeRtnl::change_link(int index, const LinkChange& change) {
  return machine_->mutate(fmt::format("rtnl change_link {}", home_->name_of(index)), [&]() -> Result<> {
    Device& device = *TRY(home_->need("change link", index));
    auto changed = apply_change(*home_, device, change);
    settle(*machine_);
    return changed;
  });
}

Result<> FakeRtnl::move_link(int index, const NetNs& to) {
  return machine_->mutate(
      fmt::format("rtnl move_link {} to {}", home_->name_of(index), to.name()), [&]() -> Result<> {
        const Device& device = *TRY(home_->need("move link", index));
        const auto target = TRY(machine_->need(to));
        if (target == home_) return {};
        if (device.link.kind.empty() || device.link.kind == "bridge")
          return fail("move link", device.link.name, EINVAL, "the interface netns is immutable");
        TRY(check_free_name(*target, "move link", device.link.name));
        carry_device(*home_, index, target);
        settle(*machine_);
        return {};
      });
}

Result<> FakeRtnl::delete_link(int index) {
  return machine_->mutate(fmt::format("rtnl delete_link {}", home_->name_of(index)), [&]() -> Result<> {
    const Device& device = *TRY(home_->need("delete link", index));
    if (device.link.kind.empty()) return fail("delete link", device.link.name, EOPNOTSUPP);
    remove_device(*home_, index);
    settle(*machine_);
    return {};
  });
}

}  // namespace podwire::kernel::fake
