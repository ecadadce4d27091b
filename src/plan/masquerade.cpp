#include "plan/masquerade.h"

#include <algorithm>

namespace podwire::plan {
namespace {

/// Sorted, without what lies in another: the kernel's interval sets refuse overlaps.
std::vector<Cidr> without_nested(std::vector<Cidr> all) {
  std::ranges::sort(all, [](const Cidr& a, const Cidr& b) {
    return a.first() != b.first() ? a.first() < b.first() : a.length() < b.length();
  });
  std::vector<Cidr> out;
  for (const auto& cidr : all)
    if (out.empty() || !out.back().overlaps(cidr)) out.push_back(cidr.network());
  return out;
}

state::NftElement element_of(const NetworkPair& pair) {
  state::NftElement out;
  out.key.addr(pair.from.first()).addr(pair.to.first());
  out.key_end.addr(pair.from.last()).addr(pair.to.last());
  return out;
}

bool has_plain_route(const state::Network& network, const NetworkNode& node, const IpAddr& address) {
  return std::ranges::any_of(node.pod_cidrs, [&](const Cidr& cidr) {
    const auto at = network.routes.find(cidr);
    return at != network.routes.end() && at->second.object.gateway == address;
  });
}

}  // namespace

Masquerade plan_masquerade(const MasqueradeView& view) {
  std::vector<Cidr> known(view.cluster_cidrs.begin(), view.cluster_cidrs.end());
  known.insert(known.end(), view.non_masquerade_cidrs.begin(), view.non_masquerade_cidrs.end());
  for (const auto& node : view.nodes) {
    known.insert(known.end(), node.pod_cidrs.begin(), node.pod_cidrs.end());
    for (const auto& address : node.addresses)
      if (has_plain_route(view.network, node, address)) known.push_back(Cidr::host(address));
  }
  known = without_nested(std::move(known));
  Masquerade out;
  for (const auto& pods : without_nested({view.own_pods.begin(), view.own_pods.end()})) {
    out.out.push_back({pods, Cidr::everything(pods.family())});
    for (const auto& cidr : known)
      if (cidr.family() == pods.family()) out.inside.push_back({pods, cidr});
  }
  return out;
}

state::NftElements masquerade_elements(const Masquerade& masquerade) {
  state::NftElements out{{"masq4", {}}, {"masq6", {}}, {"inside4", {}}, {"inside6", {}}};
  const auto add = [&](const char* set, const NetworkPair& pair) {
    out[std::string(set) + (pair.from.family() == Family::v4 ? '4' : '6')].push_back(element_of(pair));
  };
  for (const auto& pair : masquerade.out) add("masq", pair);
  for (const auto& pair : masquerade.inside) add("inside", pair);
  return out;
}

}  // namespace podwire::plan
