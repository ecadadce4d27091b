#include <cerrno>

#include "kernel/fake/devices.h"
#include "kernel/fake/fake_rtnl.h"
#include "kernel/fake/sysctl_tree.h"

namespace podwire::kernel::fake {
namespace {

/// IFALIASZ, less the NUL that our messages end strings with.
constexpr std::size_t kLongestAlias = 254;

/// do_setlink(): field by field in the kernel's order; what was changed before a field fails stays changed.
Result<> apply_change(Namespace& home, Device& device, const LinkChange& change) {
  auto& link = device.link;
  if (change.alias && change.alias->size() > kLongestAlias) return fail("change link", link.name, ERANGE);
  if (change.mac) {
    TRY(check_mac("change link", link.name, *change.mac));
    set_mac(home, device, *change.mac);
  }
  if (change.mtu) {
    TRY(check_mtu("change link", link, *change.mtu));
    if (link.vxlan && *change.mtu > greatest_vxlan_mtu(home, *link.vxlan))
      return fail("change link", fmt::format("{} with MTU {}", link.name, *change.mtu), EINVAL);
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
