#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "plan/node_ports.h"

namespace podwire::server {

/// The flags of `podwire server`, as text; names and meanings are kube-apiserver's and
/// kube-controller-manager's.
struct Flags {
  std::string cluster_cidr = "10.244.0.0/16";
  bool allocate_node_cidrs = true;
  std::optional<unsigned> node_mask, node_mask_v4, node_mask_v6;
  std::string service_cidr = "10.96.0.0/12";
  std::string node_port_range = "30000-32767";
  std::string listen = "127.0.0.1:6443";
  std::string data_dir = "/var/lib/podwire/server";
  bool in_memory = false;
  std::string token_file;
  std::string token;
  std::string cluster_dns;
  std::string event_ttl = "1h0m0s";
};

/// What the server runs with: ranges that fit each other. Of each at most one for a family; the first is the
/// primary family.
struct Options {
  std::vector<Cidr> cluster_cidrs, service_cidrs;
  unsigned node_mask_v4 = 24, node_mask_v6 = 64;
  plan::PortRange node_ports;
  IpAddr listen_address;
  std::uint16_t listen_port = 6443;  ///< 0: any free one
  std::string data_dir;
  bool in_memory = false;
  std::string token_file;
  std::string
      token;  ///< that nodes join with: a secret, or a whole K10 token; empty: the server's own choice
  std::vector<IpAddr> cluster_dns;  ///< by default the tenth address of each service range
  std::chrono::seconds event_ttl{3600};

  [[nodiscard]] unsigned node_mask(Family f) const { return f == Family::v4 ? node_mask_v4 : node_mask_v6; }
};

/// Checks every flag and all of them together; an error names the flag and says what would do.
[[nodiscard]] Result<Options> options_of(const Flags& flags);

}  // namespace podwire::server
