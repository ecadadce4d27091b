#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace podwire::docker {

/// The network that is always there, as Docker's "bridge".
constexpr std::string_view kDefaultNetwork = "docker0";

struct Subnet {
  Cidr cidr;
  IpAddr gateway;                ///< on the bridge
  std::optional<Cidr> ip_range;  ///< containers get addresses out of it; none: out of all
  friend bool operator==(const Subnet&, const Subnet&) = default;
};

/// A bridge network as `network create` made it: one subnet a family.
struct Network {
  std::string name, id, created;
  std::string bridge;  ///< the device
  std::vector<Subnet> subnets;
  bool internal = false;
  bool icc = true;  ///< containers of it may talk to each other
  bool masquerade = true;
  std::uint32_t mtu = 0;  ///< 0: the kernel's default
  std::map<std::string, std::string> labels;
  [[nodiscard]] bool is_default() const { return name == kDefaultNetwork; }
  /// Names are resolved on networks that somebody made, as Docker does.
  [[nodiscard]] bool resolves_names() const { return !is_default(); }
  friend bool operator==(const Network&, const Network&) = default;
};

/// What `network create` is asked for.
struct NetworkRequest {
  std::string name;
  std::vector<std::string> subnets, gateways, ip_ranges;  ///< as given; matched by which subnet holds them
  bool internal = false, icc = true, masquerade = true, ipv6 = false;
  std::uint32_t mtu = 0;
  std::string bridge;  ///< device name; empty: "br-" and the id's beginning
  std::map<std::string, std::string> labels;
};

/// Checks what was asked and chooses what was not, without touching anything. `taken`: subnets of other
/// networks (an explicit subnet must not overlap one) and `routed`: destinations of the namespace's routes (a
/// chosen one must not). Pure.
Result<Network> plan_network(const NetworkRequest& request, const std::string& id, const std::string& site,
                             const std::vector<Cidr>& taken, const std::vector<Cidr>& routed);

/// Where podwire-cni keeps what belongs to a network.
struct CniDirs {
  std::string state, ipam;
};

/// The CNI network configuration list that attaches a container: one plugin, podwire-cni in Docker's dress.
/// The network itself is kept in it under the key "podwire", which runtimes and plugins ignore, so that one
/// file serves both.
[[nodiscard]] boost::json::object encode_network(const Network& network, const CniDirs& dirs);
Result<Network> decode_network(std::string_view text);

[[nodiscard]] bool valid_object_name(std::string_view name);

}  // namespace podwire::docker
