#include "tests/bench/cni/networks.h"

#include <fmt/format.h>

namespace podwire::bench {
namespace {

/// Both sides read the same keys; only the types differ.
std::string bridge_config(const Site& site, std::string_view type, std::string_view ipam, int subnet,
                          bool masq) {
  return fmt::format(
      R"({{"type":"{}","bridge":"br{}","isDefaultGateway":true,"hairpinMode":true,"ipMasq":{},)"
      R"("ipam":{{"type":"{}","dataDir":"{}","ranges":[[{{"subnet":"10.{}.0.0/16"}}]]}}}})",
      type, subnet, masq, ipam, site.disk, subnet);
}

std::string portmap_config(std::string_view type) {
  return fmt::format(R"({{"type":"{}","capabilities":{{"portMappings":true}}}})", type);
}

Chain chain(int subnet, std::vector<Chain::Plugin> plugins) {
  return {fmt::format("net{}", subnet), 10000 + subnet * 300, std::move(plugins)};
}

}  // namespace

Chain peer_network(const Site& site, int subnet, bool ports) {
  const std::string dir = kPeerDirectory;
  std::vector<Chain::Plugin> plugins{
      {dir + "/bridge", bridge_config(site, "bridge", "host-local", subnet, ports)}};
  if (ports) plugins.push_back({dir + "/portmap", portmap_config("portmap"), true});
  return chain(subnet, std::move(plugins));
}

Chain our_network(const Site& site, int subnet, bool ports) {
  return chain(subnet, {{site.podwire_cni,
                         bridge_config(site, "podwire-bridge", "podwire-ipam", subnet, ports), ports}});
}

Chain our_list(const Site& site, int subnet) {
  return chain(subnet,
               {{site.podwire_cni, bridge_config(site, "podwire-bridge", "podwire-ipam", subnet, true)},
                {site.podwire_cni, portmap_config("podwire-portmap"), true}});
}

}  // namespace podwire::bench
