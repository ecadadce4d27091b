#include "agent/node_settings.h"

#include <algorithm>

namespace podwire::agent {
namespace {

std::string accept_ra(const std::string& link) { return "net/ipv6/conf/" + link + "/accept_ra"; }

}  // namespace

std::vector<Setting> node_settings(const std::vector<Cidr>& pod_cidrs, const state::Network& network,
                                   const std::vector<std::string>& advertised) {
  const auto has = [&](Family family) {
    return std::ranges::any_of(pod_cidrs, [&](const Cidr& cidr) { return cidr.family() == family; });
  };
  std::vector<Setting> out;
  if (has(Family::v4)) out.push_back({"net/ipv4/ip_forward", "1"});
  if (has(Family::v6)) {
    for (const auto& link : advertised) out.push_back({accept_ra(link), "2"});
    out.push_back({"net/ipv6/conf/all/forwarding", "1"});
  }
  // The larger one of this and conf/all counts: loose. Answers may come by another way than the tunnel.
  for (const auto& [name, tunnel] : network.tunnels)
    if (tunnel.local.family() == Family::v4) out.push_back({"net/ipv4/conf/" + name + "/rp_filter", "2"});
  return out;
}

std::vector<std::string> links_with_advertisements(kernel::Sysctl& sysctl,
                                                   const std::vector<std::string>& links) {
  std::vector<std::string> out;
  const auto forwarding = sysctl.get("net/ipv6/conf/all/forwarding");
  for (const auto& link : links) {
    const auto value = sysctl.get(accept_ra(link));
    // 1 counts as long as nothing is forwarded; 2 is what we would set.
    if (value && (*value == "2" || (*value == "1" && forwarding && *forwarding == "0"))) out.push_back(link);
  }
  return out;
}

Result<std::vector<Setting>> hold(kernel::Sysctl& sysctl, const std::vector<Setting>& settings) {
  std::vector<Setting> written;
  ErrorList errors;
  for (const auto& setting : settings) {
    const auto now = sysctl.get(setting.key);
    if (now && *now == setting.value) continue;
    auto done = now ? sysctl.set(setting.key, setting.value) : std::unexpected(now.error());
    if (done)
      written.push_back(setting);
    else
      errors.add(std::move(done.error()));
  }
  if (!errors.empty()) return std::unexpected(errors.result().error());
  return written;
}

}  // namespace podwire::agent
