#include "state/network.h"

#include <fmt/format.h>

namespace podwire::state {

std::string describe(const std::string& name, const Tunnel& t) {
  return fmt::format("{} (vxlan {}, UDP {}, from {} by {}, {}, mtu {}, {})", name, t.vni, t.port,
                     t.local.str(), t.underlay, t.mac.str(), t.mtu, t.address.str());
}

std::string describe(const Network& network) {
  std::string out;
  for (const auto& [name, tunnel] : network.tunnels) out += describe(name, tunnel) + "\n";
  for (const auto& [key, it] : network.neighbours)
    out += fmt::format("{} on {}\n", describe(it.object), it.link);
  for (const auto& [key, it] : network.fdb) out += fmt::format("{} on {}\n", describe(it.object), it.link);
  for (const auto& [key, it] : network.routes) out += fmt::format("{} on {}\n", describe(it.object), it.link);
  return out;
}

}  // namespace podwire::state
