#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "pki/join_token.h"
#include "plan/node_network.h"

namespace podwire::agent {

/// The flags of `podwire agent`, as text.
struct Flags {
  std::string server, token, token_file, kubeconfig;
  std::string node_name, node_ip;
  std::string data_dir = "/var/lib/podwire/agent";
  bool run_pods = false;
  std::string backend = "auto";
  std::string cluster_cidr, non_masquerade_cidrs;
  bool ip_masq = true;
  std::string pod_link = "routed";
  bool proxy = true;
  std::string cni_conf_dir = "/etc/cni/net.d";
  std::string cni_bin_dir = "/opt/cni/bin";
  std::uint32_t vxlan_vni = 1;
  std::uint16_t vxlan_port = 8472;
  std::string cluster_dns;
  std::string cluster_domain = "cluster.local";
};

/// A podwire server, and what makes us a node of its cluster.
struct JoinOptions {
  std::string url;
  pki::JoinToken token;
};

enum class PodLink : std::uint8_t { routed, bridge };

/// What the agent runs with.
struct Options {
  std::optional<JoinOptions> join;
  std::string kubeconfig;  ///< neither this nor `join`: a pod's own service account
  std::string node_name;
  std::vector<IpAddr> node_ips;  ///< at most one a family; none: as the Node says, or the machine's own
  std::string data_dir;
  bool run_pods = false;
  plan::Backend backend = plan::Backend::automatic;
  std::vector<Cidr> cluster_cidrs;  ///< none: as the server says, or not known
  bool ip_masq = true;
  std::vector<Cidr> non_masquerade_cidrs;
  PodLink pod_link = PodLink::routed;
  std::string cni_conf_dir, cni_bin_dir;
  std::uint32_t vni = 1;
  std::uint16_t port = 8472;
  std::vector<IpAddr> cluster_dns;
  std::string cluster_domain;
};

/// Checks every flag and all of them together; an error names the flag and says what would do. Reads the
/// token's file, and the machine's name where none is given.
[[nodiscard]] Result<Options> options_of(const Flags& flags);

}  // namespace podwire::agent
