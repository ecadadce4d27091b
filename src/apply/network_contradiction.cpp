#include "apply/network_contradiction.h"

#include <variant>

namespace podwire::apply {
namespace {

class Judge {
 public:
  Judge(const state::Network& known, const LinkNames& links, bool gone)
      : known_(known), links_(links), gone_(gone) {}

  bool operator()(const state::Link& link) const {
    const auto ours = known_.tunnels.find(link.name);
    if (ours == known_.tunnels.end()) return links_.contains(link.index);
    const auto& tunnel = ours->second;
    return gone_ || !links_.contains(link.index) || link.mac != tunnel.mac || link.mtu != tunnel.mtu ||
           link.up != tunnel.up;
  }

  bool operator()(const state::Address& address) const {
    const auto* tunnel = tunnel_on(address.link_index);
    if (tunnel == nullptr || address.cidr.addr().is_link_local()) return false;
    return gone_ == (address.cidr == tunnel->address);
  }

  /// In one table and to one destination there is one route that counts, whosever it is.
  bool operator()(const state::Route& route) const {
    if (route.table != state::Route().table) return false;
    const auto ours = known_.routes.find(route.dst);
    const bool is_ours = route.protocol == state::RouteProtocol::podwire_agent;
    if (ours == known_.routes.end()) return is_ours && !gone_;
    const auto& known = ours->second;
    const bool same =
        is_ours && route.gateway == known.object.gateway && name_of(route.link_index) == known.link;
    return same == gone_;
  }

  bool operator()(const state::Neighbour& neighbour) const {
    if (tunnel_on(neighbour.link_index) == nullptr) return false;
    const auto ours = known_.neighbours.find({name_of(neighbour.link_index), neighbour.addr});
    const bool permanent = neighbour.state == state::NeighbourState::permanent;
    if (ours == known_.neighbours.end()) return permanent && !gone_;
    return (permanent && neighbour.mac == ours->second.object.mac) == gone_;
  }

  bool operator()(const state::FdbEntry& entry) const {
    if (tunnel_on(entry.link_index) == nullptr) return false;
    const auto ours = known_.fdb.find({name_of(entry.link_index), entry.mac});
    if (ours == known_.fdb.end()) return !gone_;
    return (entry.remote == ours->second.object.remote) == gone_;
  }

 private:
  [[nodiscard]] std::string name_of(int index) const {
    const auto at = links_.find(index);
    return at == links_.end() ? std::string() : at->second;
  }
  [[nodiscard]] const state::Tunnel* tunnel_on(int index) const {
    const auto at = known_.tunnels.find(name_of(index));
    return at == known_.tunnels.end() ? nullptr : &at->second;
  }

  const state::Network& known_;
  const LinkNames& links_;
  bool gone_;
};

}  // namespace

bool contradicts(const state::Network& known, const LinkNames& links, const kernel::RtnlEvent& event) {
  return std::visit(Judge(known, links, event.gone), event.object);
}

}  // namespace podwire::apply
