#include <algorithm>
#include <cerrno>

#include "kernel/fake/devices.h"
#include "kernel/fake/fake_rtnl.h"

namespace podwire::kernel::fake {
namespace {

using state::FdbEntry;
using state::Neighbour;
using state::NeighbourState;

bool same_neighbour(const Neighbour& a, const Neighbour& b) {
  return a.link_index == b.link_index && a.addr == b.addr && a.proxy == b.proxy;
}

/// A VXLAN has many destinations for a multicast or the all-zero MAC, one for any other.
bool same_fdb(const FdbEntry& a, const FdbEntry& b) {
  const bool many = a.self && (a.mac.is_multicast() || a.mac.is_zero());
  return a.link_index == b.link_index && a.mac == b.mac && a.vlan == b.vlan && a.self == b.self &&
         (!many || a.remote == b.remote);
}

/// What the kernel refuses to take: rtnl_fdb_add, br_fdb_add, vxlan_fdb_add.
Result<> check_fdb(const Device& device, const FdbEntry& entry) {
  const auto no = [&](int err, std::string_view why) {
    return fail("set fdb entry", describe(entry), err, why);
  };
  const auto& link = device.link;
  if (entry.self && link.vxlan) {
    if (!entry.remote) return no(EINVAL, "an entry of a VXLAN needs an outer address");
    if (entry.remote->family() != outer_family(*link.vxlan))
      return no(EAFNOSUPPORT, "not the VXLAN's address family");
    return {};
  }
  if (entry.mac.is_zero()) return no(EINVAL, "invalid MAC address");
  if (entry.self) return {};
  if (link.master_index == 0) return no(EOPNOTSUPP, "the link is not a port of a bridge");
  if (entry.vlan != 0) return no(EINVAL, "the port is not in that VLAN");
  return {};
}

/// A bridge knows its ports' addresses, and its own if it is not one of those.
bool has_address_of_its_own(const Namespace& home, const Device& bridge) {
  return bridge.mac_chosen && bridge.link.kind == "bridge" &&
         std::ranges::none_of(home.devices, [&](const auto& entry) {
           const auto& port = entry.second.link;
           return port.master_index == bridge.link.index && port.mac == bridge.link.mac;
         });
}

}  // namespace

Result<std::vector<Neighbour>> FakeRtnl::neighbours(std::optional<Family> family, int link_index) {
  std::vector<Neighbour> out;
  for (const auto& n : home_->neighbours)
    if ((!family || n.addr.family() == *family) && (link_index == 0 || n.link_index == link_index))
      out.push_back(n);
  return out;
}

Result<> FakeRtnl::set_neighbour(const Neighbour& neighbour) {
  return machine_->mutate("rtnl set_neighbour " + describe(neighbour), [&]() -> Result<> {
    TRY(home_->need("set neighbour", neighbour.link_index));
    const auto there =
        std::ranges::find_if(home_->neighbours, [&](const auto& n) { return same_neighbour(n, neighbour); });
    const bool needs_mac = !neighbour.proxy && neighbour.state != NeighbourState::incomplete &&
                           neighbour.state != NeighbourState::failed &&
                           neighbour.state != NeighbourState::none;
    if (needs_mac && !neighbour.mac && (there == home_->neighbours.end() || !there->mac))
      return fail("set neighbour", describe(neighbour), EINVAL, "no link layer address given");
    if (there == home_->neighbours.end()) {
      home_->neighbours.push_back(neighbour);
      return {};
    }
    const auto known = there->mac;
    *there = neighbour;
    if (!there->mac) there->mac = known;
    return {};
  });
}

Result<> FakeRtnl::delete_neighbour(const Neighbour& neighbour) {
  return machine_->mutate("rtnl delete_neighbour " + describe(neighbour), [&]() -> Result<> {
    TRY(home_->need("delete neighbour", neighbour.link_index));
    const auto gone =
        std::erase_if(home_->neighbours, [&](const auto& n) { return same_neighbour(n, neighbour); });
    if (gone == 0) return fail("delete neighbour", describe(neighbour), ENOENT);
    return {};
  });
}

Result<std::vector<FdbEntry>> FakeRtnl::fdb(int link_index) {
  std::vector<FdbEntry> out;
  for (const auto& [index, device] : home_->devices) {
    if (link_index != 0 && index != link_index) continue;
    const int bridge = device.link.kind == "bridge" ? index : device.link.master_index;
    if (device.link.master_index != 0 || has_address_of_its_own(*home_, device))
      out.push_back({.link_index = index, .mac = device.link.mac, .master_index = bridge});
    for (const auto& entry : home_->fdb) {
      if (entry.link_index != index) continue;
      out.push_back(entry);
      if (!entry.self) out.back().master_index = bridge;
    }
  }
  return out;
}

Result<> FakeRtnl::set_fdb(const FdbEntry& entry) {
  return machine_->mutate("rtnl set_fdb " + describe(entry), [&]() -> Result<> {
    const Device& device = *TRY(home_->need("set fdb entry", entry.link_index));
    TRY(check_fdb(device, entry));
    const auto there = std::ranges::find_if(home_->fdb, [&](const auto& e) { return same_fdb(e, entry); });
    if (there == home_->fdb.end())
      home_->fdb.push_back(entry);
    else
      *there = entry;
    return {};
  });
}

Result<> FakeRtnl::delete_fdb(const FdbEntry& entry) {
  return machine_->mutate("rtnl delete_fdb " + describe(entry), [&]() -> Result<> {
    const Device& device = *TRY(home_->need("delete fdb entry", entry.link_index));
    if (!entry.self && device.link.master_index == 0)
      return fail("delete fdb entry", describe(entry), EOPNOTSUPP, "the link is not a port of a bridge");
    const auto there = std::ranges::find_if(home_->fdb, [&](const auto& e) { return same_fdb(e, entry); });
    if (there == home_->fdb.end()) return fail("delete fdb entry", describe(entry), ENOENT);
    // vxlan_fdb_delete(): an entry with another outer address stays, and that is no error.
    if (entry.remote && there->remote != entry.remote) return {};
    home_->fdb.erase(there);
    return {};
  });
}

}  // namespace podwire::kernel::fake
