#include "plan/node_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace podwire::plan {
namespace {

const Vtep* vtep_of(const NetworkNode& node, Family family) {
  const auto at = std::ranges::find(node.vteps, family, [](const Vtep& v) { return v.address.family(); });
  return at == node.vteps.end() ? nullptr : &*at;
}

const IpAddr* address_of(const NetworkNode& node, Family family) {
  const auto at = std::ranges::find(node.addresses, family, &IpAddr::family);
  return at == node.addresses.end() ? nullptr : &*at;
}

const Cidr* first_cidr(const NetworkNode& node, Family family) {
  const auto at = std::ranges::find(node.pod_cidrs, family, &Cidr::family);
  return at == node.pod_cidrs.end() ? nullptr : &*at;
}

class Planner {
 public:
  explicit Planner(const NodeNetworkView& view) : view_(view) {}

  NodeNetwork plan() {
    for (const auto& underlay : view_.underlays) add_tunnel(underlay);
    for (const auto& cidr : view_.self.pod_cidrs) {
      given_[cidr.first()] = {cidr, &view_.self};
      check_cluster(view_.self, cidr);
    }
    for (const auto* node : by_age())
      for (const auto& cidr : node->pod_cidrs) add_node(*node, cidr);
    std::ranges::sort(out_.problems);
    return std::move(out_);
  }

 private:
  void complain(const NetworkNode& node, std::string sentence) {
    out_.problems.push_back({node.name, std::move(sentence)});
  }

  [[nodiscard]] const Underlay* underlay(Family family) const {
    const auto at =
        std::ranges::find(view_.underlays, family, [](const Underlay& u) { return u.address.family(); });
    return at == view_.underlays.end() ? nullptr : &*at;
  }

  void add_tunnel(const Underlay& underlay) {
    const auto family = underlay.address.family();
    const auto* cidr = first_cidr(view_.self, family);
    if (cidr == nullptr) return;  // no pods of this family
    auto mtu = underlay.mtu;
    if (view_.backend != Backend::host_gw) {
      mtu = underlay.mtu - std::min(underlay.mtu, vxlan_overhead(family));
      const auto* own = vtep_of(view_.self, family);
      if (own != nullptr)
        out_.network.tunnels[tunnel_name(family, view_.vni)] = {.vni = view_.vni,
                                                                .port = view_.port,
                                                                .local = underlay.address.addr(),
                                                                .underlay = underlay.link,
                                                                .mac = own->mac,
                                                                .mtu = mtu,
                                                                .address = Cidr::host(cidr->first())};
    }
    const std::uint32_t least = family == Family::v6 ? 1280 : 68;  // RFC 8200, RFC 791
    if (mtu < least)
      complain(view_.self,
               fmt::format("{} has an MTU of {}: too small for pods' {}, which needs {}", underlay.link,
                           underlay.mtu, name_of(family), least + (underlay.mtu - mtu)));
    out_.pod_mtu = out_.pod_mtu == 0 ? mtu : std::min(out_.pod_mtu, mtu);
  }

  [[nodiscard]] std::vector<const NetworkNode*> by_age() const {
    std::vector<const NetworkNode*> out;
    for (const auto& node : view_.nodes)
      if (node.name != view_.self.name) out.push_back(&node);
    std::ranges::sort(out, {}, [](const NetworkNode* n) { return std::tie(n->created, n->name); });
    return out;
  }

  bool check_cluster(const NetworkNode& node, const Cidr& cidr) {
    const bool inside =
        view_.cluster_cidrs.empty() || std::ranges::any_of(view_.cluster_cidrs, [&](const Cidr& all) {
          return all.length() <= cidr.length() && all.contains(cidr.first());
        });
    if (!inside) complain(node, fmt::format("its podCIDR {} is in no cluster CIDR", cidr.str()));
    return inside;
  }

  /// May the node have it? Says why not.
  bool is_free(const NetworkNode& node, const Cidr& cidr) {
    if (!check_cluster(node, cidr)) return false;
    const auto after = given_.upper_bound(cidr.last());
    if (after == given_.begin()) return true;
    const auto& [other, owner] = std::prev(after)->second;
    if (!other.overlaps(cidr)) return true;
    complain(node,
             fmt::format("its podCIDR {} overlaps {} of node {}", cidr.str(), other.str(), owner->name));
    return false;
  }

  void add_node(const NetworkNode& node, const Cidr& cidr) {
    const auto family = cidr.family();
    if (!is_free(node, cidr)) return;
    given_[cidr.first()] = {cidr, &node};
    const auto* below = underlay(family);
    const auto* address = address_of(node, family);
    if (below == nullptr)
      return complain(node, fmt::format("we have no {} address to reach it", name_of(family)));
    if (address == nullptr) return complain(node, fmt::format("it has no {} address", name_of(family)));
    const bool on_link = below->address.network().contains(*address);
    if (view_.backend == Backend::host_gw && !on_link)
      return complain(node, fmt::format("{} is not on the link of {}, and the backend is host-gw",
                                        address->str(), below->address.str()));
    if (view_.backend != Backend::vxlan && on_link) return add_route(below->link, cidr, *address, false);
    add_tunnel_route(node, cidr);
  }

  void add_tunnel_route(const NetworkNode& node, const Cidr& cidr) {
    const auto family = cidr.family();
    const auto name = tunnel_name(family, view_.vni);
    const auto* vtep = vtep_of(node, family);
    if (vtep == nullptr) return complain(node, "it does not say where it takes VXLAN packets");
    if (!out_.network.tunnels.contains(name))
      return complain(node, fmt::format("we have no {} podCIDR of our own yet", name_of(family)));
    const auto hop = first_cidr(node, family)->first();
    out_.network.neighbours[{name, hop}] = {name, {.addr = hop, .mac = vtep->mac}};
    out_.network.fdb[{name, vtep->mac}] = {name, {.mac = vtep->mac, .remote = vtep->address, .self = true}};
    add_route(name, cidr, hop, true);
  }

  void add_route(const std::string& link, const Cidr& to, const IpAddr& by, bool onlink) {
    out_.network.routes[to] = {
        link, {.dst = to, .gateway = by, .protocol = state::RouteProtocol::podwire_agent, .onlink = onlink}};
  }

  const NodeNetworkView& view_;
  NodeNetwork out_;
  std::map<IpAddr, std::pair<Cidr, const NetworkNode*>> given_;  ///< by the first address; none overlap
};

}  // namespace

std::string tunnel_name(Family family, std::uint32_t vni) {
  return fmt::format("{}.{}", family == Family::v4 ? "flannel" : "flannel-v6", vni);
}

NodeNetwork plan_node_network(const NodeNetworkView& view) { return Planner(view).plan(); }

}  // namespace podwire::plan
