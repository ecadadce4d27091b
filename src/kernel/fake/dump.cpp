#include "kernel/fake/dump.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernel/fake/devices.h"
#include "kernel/fake/shape.h"
#include "kernel/fake/sysctl_tree.h"

namespace podwire::kernel::fake {
namespace {

using Lines = std::vector<std::string>;

std::string link_line(const Namespace& home, const Device& device) {
  const auto& l = device.link;
  std::string out = fmt::format("link {} {} {} mtu {} {}", l.name, l.kind.empty() ? "plain" : l.kind,
                                l.mac.str(), l.mtu, l.up ? "up" : "down");
  if (l.up && !l.running) out += " no-carrier";
  if (l.promisc) out += " promisc";
  if (l.vlan_filtering) out += " vlan-filtering";
  if (l.master_index != 0) out += " master " + home.name_of(l.master_index);
  if (l.port && l.port->hairpin) out += " hairpin";
  if (l.port && l.port->isolated) out += " isolated";
  if (l.port && !l.port->learning) out += " no-learning";
  if (const auto other = device.peer_home.lock())
    out += fmt::format(" peer {}{}", other->name_of(device.peer_index),
                       other.get() == &home ? "" : " in " + other->name);
  if (l.vxlan)
    out += fmt::format(" vni {} port {} local {} over {}{}", l.vxlan->vni, l.vxlan->port,
                       l.vxlan->local ? l.vxlan->local->str() : "any",
                       l.vxlan->underlay_index == 0 ? "any" : home.name_of(l.vxlan->underlay_index),
                       l.vxlan->learning ? " learning" : "");
  if (!l.alias.empty()) out += fmt::format(" alias \"{}\"", l.alias);
  return out;
}

std::string route_line(const Namespace& home, const state::Route& r) {
  std::string out = fmt::format("route table {} {} type {}", r.table, r.dst.str(), static_cast<int>(r.type));
  if (r.gateway) out += " via " + r.gateway->str();
  if (r.link_index != 0) out += " dev " + home.name_of(r.link_index);
  if (r.source) out += " src " + r.source->str();
  out += fmt::format(" proto {} scope {} metric {}", static_cast<int>(r.protocol), static_cast<int>(r.scope),
                     r.metric);
  if (r.onlink) out += " onlink";
  if (r.mtu != 0) out += fmt::format(" mtu {}", r.mtu);
  if (r.advmss != 0) out += fmt::format(" advmss {}", r.advmss);
  return out;
}

void add_ip(const Namespace& home, Lines& lines) {
  for (const auto& a : home.addresses)
    lines.push_back(fmt::format("address {} {} scope {}{}", home.name_of(a.link_index), a.cidr.str(),
                                static_cast<int>(a.scope), a.broadcast ? " brd " + a.broadcast->str() : ""));
  for (const auto& r : home.routes) lines.push_back(route_line(home, r));
  for (const auto& n : home.neighbours)
    lines.push_back(fmt::format("neighbour {} {} {} {}{}", home.name_of(n.link_index), n.addr.str(),
                                n.mac ? n.mac->str() : "-", name_of(n.state), n.proxy ? " proxy" : ""));
  for (const auto& f : home.fdb)
    lines.push_back(fmt::format("fdb {} {}{} vlan {} {}{}", home.name_of(f.link_index), f.mac.str(),
                                f.remote ? " dst " + f.remote->str() : "", f.vlan, name_of(f.state),
                                f.self ? " self" : ""));
  for (const auto& [index, b] : home.shapers)
    lines.push_back(fmt::format("shaper {} rate {} burst {} limit {}", home.name_of(index), b.rate_bytes,
                                b.burst_bytes, b.limit_bytes));
  for (const auto& [from, to] : home.redirects)
    lines.push_back(fmt::format("redirect {} to {}", home.name_of(from), home.name_of(to)));
}

std::string element_text(const state::NftElement& e) {
  std::string out = e.key.hex();
  if (!e.key_end.empty()) out += "-" + e.key_end.hex();
  if (!e.data.empty()) out += " : " + e.data.hex();
  if (e.verdict) out += fmt::format(" : {} {}", static_cast<int>(e.verdict->kind), e.verdict->chain);
  if (e.timeout) out += fmt::format(" timeout {}ms", e.timeout->count());
  if (!e.comment.empty()) out += fmt::format(" \"{}\"", e.comment);
  return out;
}

void add_nft(const Namespace& home, Lines& lines) {
  for (const auto& [key, table] : home.tables) {
    const auto where = fmt::format("{} {}", family_word(key.first), key.second);
    lines.push_back("table " + where);
    for (const auto& chain : table.chains) lines.push_back(fmt::format("chain {} {}", where, chain));
    for (const auto& [name, set] : table.sets) {
      lines.push_back(fmt::format("set {} {}", where, name));
      for (const auto& [k, e] : set.elements())
        lines.push_back(fmt::format("element {} {} {}", where, name, element_text(e)));
    }
  }
}

void add_changed_sysctls(const Namespace& home, Lines& lines) {
  Namespace fresh;
  plant_sysctls(fresh);
  for (const auto& [index, device] : home.devices) plant_link_sysctls(fresh, device.link.name);
  for (const auto& [key, value] : home.sysctls) {
    const auto it = fresh.sysctls.find(key);
    if (it == fresh.sysctls.end() || it->second != value)
      lines.push_back(fmt::format("sysctl {}={}", key, value));
  }
}

}  // namespace

std::string dump(const Namespace& home) {
  Lines lines;
  for (const auto& [index, device] : home.devices) lines.push_back(link_line(home, device));
  add_ip(home, lines);
  add_nft(home, lines);
  for (const auto& flow : home.flows) lines.push_back("flow " + describe(flow));
  add_changed_sysctls(home, lines);
  std::ranges::sort(lines);
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

}  // namespace podwire::kernel::fake
