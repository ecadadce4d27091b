#include "kernel/fake/devices.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "kernel/fake/addresses.h"
#include "kernel/fake/fib.h"
#include "kernel/fake/sysctl_tree.h"

namespace podwire::kernel::fake {
namespace {

constexpr std::size_t kLongestName = 15;  // IFNAMSIZ - 1
constexpr std::uint32_t kDefaultMtu = 1500;
constexpr std::uint32_t kLeastMtu = 68;        // ETH_MIN_MTU
constexpr std::uint32_t kGreatestMtu = 65535;  // ETH_MAX_MTU
constexpr std::uint32_t kLeastIpv6Mtu = 1280;  // IPV6_MIN_MTU

/// A bridge nobody gave a MAC has the lowest of its ports', and one nobody gave an MTU the least of theirs.
void follow_ports(Namespace& home, Device& bridge) {
  Mac lowest;
  std::uint32_t least = kDefaultMtu;
  bool any = false;
  for (const auto& [index, device] : home.devices) {
    if (device.link.master_index != bridge.link.index) continue;
    lowest = any ? std::min(lowest, device.link.mac) : device.link.mac;
    least = any ? std::min(least, device.link.mtu) : device.link.mtu;
    any = true;
  }
  if (!bridge.mac_chosen) bridge.link.mac = lowest;
  if (!bridge.mtu_chosen) bridge.link.mtu = least;
}

void follow_ports_of(Namespace& home, int bridge_index) {
  if (Device* bridge = home.find(bridge_index)) follow_ports(home, *bridge);
}

/// Takes away all that hangs on a device, but not the device.
void strip(Namespace& home, Device& device) {
  const int index = device.link.index;
  set_up(home, device, false);
  set_master(home, device, 0);
  std::erase_if(home.addresses, [&](const auto& a) { return a.link_index == index; });
  std::erase_if(home.routes, [&](const auto& r) { return r.link_index == index; });
  std::erase_if(home.neighbours, [&](const auto& n) { return n.link_index == index; });
  std::erase_if(home.fdb, [&](const auto& f) { return f.link_index == index; });
  home.shapers.erase(index);
  home.redirects.erase(index);
  uproot_link_sysctls(home, device.link.name);
}

/// The least number that is not in use for a namespace as seen from another (IFLA_LINK_NETNSID).
int netnsid(Namespace& seen_from, const std::shared_ptr<Namespace>& other) {
  auto& known = seen_from.known;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i].lock() == other) return static_cast<int>(i);
  const auto free = std::ranges::find_if(known, [](const auto& w) { return w.expired(); });
  if (free != known.end()) {
    *free = other;
    return static_cast<int>(free - known.begin());
  }
  known.emplace_back(other);
  return static_cast<int>(known.size()) - 1;
}

void settle_veth(Namespace& home, Device& device) {
  const auto other_home = device.peer_home.lock();
  const Device* other = other_home ? other_home->find(device.peer_index) : nullptr;
  device.link.running = device.link.up && other != nullptr && other->link.up;
  device.link.peer_index = other != nullptr ? device.peer_index : 0;
  device.link.peer_netnsid = other != nullptr && other_home.get() != &home ? netnsid(home, other_home) : -1;
}

bool has_running_port(const Namespace& home, int bridge_index) {
  return std::ranges::any_of(home.devices, [&](const auto& entry) {
    const auto& link = entry.second.link;
    return link.master_index == bridge_index && link.up && link.running;
  });
}

}  // namespace

Result<> check_free_name(Namespace& home, std::string_view verb, const std::string& name) {
  if (name.size() > kLongestName) return fail(verb, name, ERANGE, "a name has at most 15 characters");
  const auto bad = [](unsigned char c) { return c == '%' || c == '/' || c == ':' || std::isspace(c) != 0; };
  if (name.empty() || name == "." || name == ".." || std::ranges::any_of(name, bad))
    return fail(verb, name, EINVAL);
  if (home.find(std::string_view(name)) != nullptr) return fail(verb, name, EEXIST);
  return {};
}

Result<> check_mac(std::string_view verb, const std::string& name, const Mac& mac) {
  if (!mac.is_multicast() && !mac.is_zero()) return {};
  return fail(verb, fmt::format("{} with MAC {}", name, mac.str()), EADDRNOTAVAIL);
}

Result<> check_mtu(std::string_view verb, const state::Link& link, std::uint32_t mtu) {
  const bool any_size = link.kind.empty() || link.kind == "ifb" || link.kind == "dummy";
  const std::uint32_t greatest = any_size ? std::numeric_limits<int>::max() : kGreatestMtu;
  if (mtu >= (any_size ? 1 : kLeastMtu) && mtu <= greatest) return {};
  return fail(verb, fmt::format("{} with MTU {}", link.name, mtu), EINVAL,
              mtu < kLeastMtu ? "mtu less than device minimum" : "mtu greater than device maximum");
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

Family outer_family(const state::Vxlan& vxlan) { return vxlan.local ? vxlan.local->family() : Family::v4; }

std::uint32_t greatest_vxlan_mtu(const Namespace& home, const state::Vxlan& vxlan) {
  const auto below = home.devices.find(vxlan.underlay_index);
  if (below == home.devices.end()) return kGreatestMtu;
  return below->second.link.mtu - (outer_family(vxlan) == Family::v4 ? 50 : 70);
}

int add_device(Namespace& home, state::Link link) {
  link.index = ++home.last_index;
  if (link.mac.is_zero() && !link.kind.empty()) link.mac = Mac::derived_from(home.name + "/" + link.name);
  if (link.mtu == 0) link.mtu = kDefaultMtu;
  plant_link_sysctls(home, link.name);
  const int index = link.index;
  home.devices[index].link = std::move(link);
  return index;
}

void remove_device(Namespace& home, int index) {
  Device* device = home.find(index);
  if (device == nullptr) return;
  const auto other_home = device->peer_home.lock();
  const int other_index = device->peer_index;
  for (auto& [i, port] : home.devices)
    if (port.link.master_index == index) set_master(home, port, 0);
  std::vector<int> on_top;
  for (const auto& [i, d] : home.devices)
    if (d.link.vxlan && d.link.vxlan->underlay_index == index) on_top.push_back(i);
  strip(home, *device);
  home.devices.erase(index);
  for (const int i : on_top) remove_device(home, i);
  if (other_home) remove_device(*other_home, other_index);
}

void carry_device(Namespace& from, int index, const std::shared_ptr<Namespace>& to) {
  Device* found = from.find(index);
  if (found == nullptr || &from == to.get()) return;
  strip(from, *found);
  Device device = std::move(*found);
  from.devices.erase(index);
  if (to->devices.contains(index)) device.link.index = ++to->last_index;
  to->last_index = std::max(to->last_index, device.link.index);
  if (const auto other_home = device.peer_home.lock())
    if (Device* other = other_home->find(device.peer_index)) {
      other->peer_home = to;
      other->peer_index = device.link.index;
    }
  plant_link_sysctls(*to, device.link.name);
  to->devices[device.link.index] = std::move(device);
}

void set_up(Namespace& home, Device& device, bool up) {
  if (device.link.up == up) return;
  device.link.up = up;
  if (up) return link_went_up(home, device);
  device.link.running = false;
  device.ready = false;
  link_went_down(home, device);
}

void set_mac(Namespace& home, Device& device, const Mac& mac) {
  device.link.mac = mac;
  device.mac_chosen = true;
  // neigh_changeaddr(): everything learned or set over the old address is void; proxy entries stay.
  std::erase_if(home.neighbours,
                [&](const auto& n) { return n.link_index == device.link.index && !n.proxy; });
  follow_ports_of(home, device.link.master_index);
}

void set_mtu(Namespace& home, Device& device, std::uint32_t mtu) {
  const bool had_ipv6 = device.link.mtu >= kLeastIpv6Mtu;
  device.link.mtu = mtu;
  device.mtu_chosen = true;
  follow_ports_of(home, device.link.master_index);
  if (had_ipv6 && mtu < kLeastIpv6Mtu) {
    link_lost_ipv6(home, device);
    uproot_ipv6_sysctls(home, device.link.name);
  } else if (!had_ipv6 && mtu >= kLeastIpv6Mtu) {
    plant_link_sysctls(home, device.link.name);
    device.ready = false;  // settle() takes it into use again
  }
}

void set_master(Namespace& home, Device& device, int master_index) {
  const int before = device.link.master_index;
  if (before == master_index) return;
  device.link.master_index = master_index;
  device.link.port.reset();
  std::erase_if(home.fdb, [&](const auto& f) { return f.link_index == device.link.index && !f.self; });
  if (master_index != 0) device.link.port.emplace();
  follow_ports_of(home, before);
  follow_ports_of(home, master_index);
}

void settle(Machine& machine) {
  for (const auto& [name, home] : machine.all()) {
    for (auto& [index, device] : home->devices) {
      device.link.running = device.link.up;
      if (device.link.kind == "veth") settle_veth(*home, device);
    }
    for (auto& [index, device] : home->devices)
      if (device.link.kind == "bridge")
        device.link.running = device.link.up && has_running_port(*home, index);
    for (auto& [index, device] : home->devices) {
      if (!device.link.running || device.ready) continue;
      device.ready = true;
      link_got_ready(*home, device);
    }
  }
}

}  // namespace podwire::kernel::fake
