#pragma once
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "kernel/rtnl/rtnl.h"

namespace podwire::test {

/// What a namespace shows through rtnetlink, as sorted lines with links by name, so that two kernels can be
/// compared. Left out is what a real kernel does in its own time (carrier of bridges, link-local addresses
/// and what hangs on them) and what it throws dice for (MACs, unless they start with 02:00:00 as those of a
/// test do).
class Shown {
 public:
  explicit Shown(kernel::Rtnl& rtnl) : rtnl_(rtnl) {
    for (const auto& link : rtnl_.links().value()) names_[link.index] = link.name;
    links();
    addresses();
    routes();
    neighbours();
    fdb();
    std::ranges::sort(lines_);
  }
  [[nodiscard]] std::string text() const { return fmt::format("{}\n", fmt::join(lines_, "\n")); }

 private:
  static std::string chosen(const Mac& mac) {
    return mac.str().starts_with("02:00:00") || mac.is_zero() ? mac.str() : "random";
  }
  static bool comes_late(const IpAddr& addr) {
    return addr.is_v6() && (addr.is_link_local() || addr.is_multicast());
  }
  static std::string text_of(const std::optional<IpAddr>& addr) { return addr ? addr->str() : "-"; }
  std::string name(int index) {
    const auto it = names_.find(index);
    return it == names_.end() ? "-" : it->second;
  }

  void links() {
    for (const auto& l : rtnl_.links().value()) {
      std::string line = fmt::format("link {} {} {} mtu {} up {} promisc {} master {} peer {} alias {}",
                                     l.name, l.kind, chosen(l.mac), l.mtu, l.up, l.promisc,
                                     name(l.master_index), l.peer_index != 0, l.alias);
      if (l.kind != "bridge") line += fmt::format(" carrier {}", l.running);
      if (l.port) line += fmt::format(" hairpin {} isolated {}", l.port->hairpin, l.port->isolated);
      if (l.vxlan)
        line += fmt::format(" vni {} port {} local {} over {} learning {}", l.vxlan->vni, l.vxlan->port,
                            text_of(l.vxlan->local), name(l.vxlan->underlay_index), l.vxlan->learning);
      lines_.push_back(line);
    }
  }
  void addresses() {
    for (const auto& a : rtnl_.addresses().value())
      if (!comes_late(a.cidr.addr()))
        lines_.push_back(fmt::format("address {} {} scope {} broadcast {}", name(a.link_index), a.cidr.str(),
                                     static_cast<int>(a.scope), text_of(a.broadcast)));
  }
  void routes() {
    for (const auto& r : rtnl_.routes(std::nullopt, 0).value()) {
      if (comes_late(r.dst.addr()) || (r.dst.family() == Family::v6 && r.table == 255)) continue;
      lines_.push_back(
          fmt::format("route {} via {} dev {} src {} table {} type {} proto {} scope {} metric {} {} mtu {}",
                      r.dst.str(), text_of(r.gateway), name(r.link_index), text_of(r.source), r.table,
                      static_cast<int>(r.type), static_cast<int>(r.protocol), static_cast<int>(r.scope),
                      r.metric, r.onlink ? "onlink" : "", r.mtu));
    }
  }
  void neighbours() {
    for (const auto& n : rtnl_.neighbours().value())
      if (n.proxy || n.state == state::NeighbourState::permanent)
        lines_.push_back(fmt::format("neighbour {} {} {} {}", name(n.link_index), n.addr.str(),
                                     n.mac ? n.mac->str() : "-", n.proxy ? "proxy" : ""));
  }
  void fdb() {
    for (const auto& f : rtnl_.fdb().value())
      if (chosen(f.mac) != "random")
        lines_.push_back(fmt::format("fdb {} {} dst {} master {} vlan {} self {} state {}",
                                     name(f.link_index), f.mac.str(), text_of(f.remote), name(f.master_index),
                                     f.vlan, f.self, static_cast<int>(f.state)));
  }

  kernel::Rtnl& rtnl_;
  std::map<int, std::string> names_;
  std::vector<std::string> lines_;
};

inline std::string shown_by(kernel::Rtnl& rtnl) { return Shown(rtnl).text(); }

}  // namespace podwire::test
