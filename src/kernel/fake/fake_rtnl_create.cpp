#include <algorithm>
#include <cerrno>

#include "kernel/fake/devices.h"
#include "kernel/fake/fake_rtnl.h"

namespace podwire::kernel::fake {
namespace {

Result<> check_end(Namespace& home, const VethEnd& end) {
  if (end.mac) TRY(check_mac("create veth", end.name, *end.mac));
  state::Link wanted{.name = end.name, .kind = "veth"};
  if (end.mtu != 0) TRY(check_mtu("create veth", wanted, end.mtu));
  return check_free_name(home, "create veth", end.name);
}

state::Link link_of(const VethEnd& end) {
  return {.name = end.name, .kind = "veth", .mac = end.mac.value_or(Mac()), .mtu = end.mtu};
}

/// Linux's own limit: a VNI has 24 bits (vxlan_validate).
constexpr std::uint32_t kGreatestVni = (1u << 24) - 1;

Result<> check_vxlan(Namespace& home, const VxlanSpec& spec) {
  const auto no = [&](int err, std::string_view why) { return fail("create vxlan", spec.name, err, why); };
  if (spec.mac) TRY(check_mac("create vxlan", spec.name, *spec.mac));
  if (spec.mtu != 0) TRY(check_mtu("create vxlan", {.name = spec.name, .kind = "vxlan"}, spec.mtu));
  if (spec.vxlan.vni > kGreatestVni) return no(ERANGE, "a VNI has 24 bits");
  TRY(check_free_name(home, "create vxlan", spec.name));
  const int below = spec.vxlan.underlay_index;
  if (below != 0 && home.find(below) == nullptr) return no(ENODEV, "no such underlay link");
  for (const auto& [index, device] : home.devices) {
    const auto& other = device.link.vxlan;
    if (other && other->vni == spec.vxlan.vni && other->port == spec.vxlan.port &&
        outer_family(*other) == outer_family(spec.vxlan))
      return no(EEXIST, "a VXLAN device with the specified VNI already exists");
  }
  return {};
}

}  // namespace

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
    state::Link wanted{.name = spec.name, .kind = "bridge", .mac = spec.mac.value_or(Mac()), .mtu = spec.mtu};
    wanted.vlan_filtering = spec.vlan_filtering;
    if (spec.mac) TRY(check_mac("create bridge", spec.name, *spec.mac));
    TRY(check_free_name(*home_, "create bridge", spec.name));
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
    if (spec.vxlan.underlay_index != 0) {
      const auto fits = greatest_vxlan_mtu(*home_, spec.vxlan);
      wanted.mtu = spec.mtu == 0 ? fits : std::min(spec.mtu, fits);
    }
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

}  // namespace podwire::kernel::fake
