#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "cni/error.h"
#include "cni/invocation.h"
#include "cni/result.h"
#include "plan/address_pool.h"

namespace podwire::cni {

/// Which of podwire-cni's parts this entry of the plugin list is. Told by "type": podwire-bridge,
/// podwire-portmap, podwire-bandwidth, podwire-ipam (only as ipam.type) and podwire-loopback are explicit.
/// Plain podwire-cni makes a link when it has "ipam", "link" or a bridge key; else it is `chained` and adds
/// what its capabilities ask for to the interface that prevResult names.
enum class Role { link, chained, ipam, loopback };

/// `routed`: a /32 (or /128) and an on-link gateway. `bridge`: a port of a bridge, as the CNI project's
/// plugin.
enum class LinkKind { routed, bridge };

/// The keys of the CNI project's bridge plugin, and ours. Defaults as there.
struct LinkConf {
  LinkKind kind = LinkKind::routed;
  std::string bridge = "cni0";
  bool is_gateway = false;
  bool is_default_gateway = false;  ///< implies is_gateway
  bool force_address = false;
  bool ip_masq = false;
  std::uint32_t mtu = 0;  ///< 0: the default
  bool hairpin = false;
  bool promisc = false;  ///< excludes hairpin
  bool port_isolation = false;
  bool enable_dad = false;
  bool container_interface = true;  ///< false by disableContainerInterface; forbids ipam
  // Docker mode, ours:
  bool internal = false;  ///< "internal": no way in or out but between its own containers
  bool guarded = false;   ///< "guarded": from outside only replies and published ports come in
};

/// portmap's keys.
struct PublishConf {
  bool snat = true;
  bool masq_all = false;
};

/// One published port: runtimeConfig.portMappings.
struct PortMapping {
  std::uint16_t host_port = 0, container_port = 0;
  std::uint8_t protocol = 6;      ///< IPPROTO_TCP, UDP or SCTP
  std::optional<IpAddr> host_ip;  ///< none: every local address of the container's families
  friend bool operator==(const PortMapping&, const PortMapping&) = default;
};

/// Bits per second and bits, as the capability gives them; 0: not limited.
struct Bandwidth {
  std::uint64_t ingress_rate = 0, ingress_burst = 0, egress_rate = 0, egress_burst = 0;
  [[nodiscard]] bool any() const { return ingress_rate != 0 || egress_rate != 0; }
  friend bool operator==(const Bandwidth&, const Bandwidth&) = default;
};

/// host-local's keys. `type` empty or podwire's: our own allocator; else the name of a plugin to delegate to.
struct IpamConf {
  std::string type;
  bool ours = true;
  std::vector<plan::RangeSet>
      range_sets;  ///< one address is given out of each; runtimeConfig.ipRanges come first
  std::vector<ResultRoute> routes;
  std::string data_dir = "/var/lib/cni/networks";
  std::string resolv_conf;        ///< path of a resolv.conf to copy into the result's dns
  std::vector<IpAddr> requested;  ///< CNI_ARGS IP, args.cni.ips, runtimeConfig.ips: a later one wins
};

/// One attachment that the runtime calls valid (GC).
struct ValidAttachment {
  std::string container_id, ifname;
  friend bool operator==(const ValidAttachment&, const ValidAttachment&) = default;
};

/// A network configuration as a plugin gets it on stdin, checked. `raw` is what came in, for delegates.
struct NetConf {
  std::string cni_version = "0.1.0";
  std::string name;
  std::string type;
  Role role = Role::link;
  LinkConf link;
  PublishConf publish;
  std::optional<IpamConf> ipam;
  Dns dns;  ///< netconf.dns, overridden by runtimeConfig.dns
  std::vector<PortMapping> port_mappings;
  Bandwidth bandwidth;     ///< runtimeConfig.bandwidth, else the config's own ingressRate...
  std::optional<Mac> mac;  ///< CNI_ARGS MAC < args.cni.mac < runtimeConfig.mac
  std::optional<AddResult> prev_result;
  std::optional<std::vector<ValidAttachment>>
      valid_attachments;  ///< nullopt: the key is absent, GC does nothing
  std::string data_dir =
      "/run/podwire/cni";  ///< "podwireDataDir": where attachment records live; void after a reboot
  std::string agent_dir;   ///< "podwireAgentDir": where the node's agent says how it is; empty: there is none
  boost::json::object raw;
};

/// Parses and checks a configuration for this invocation. Keys match without regard to case; unknown keys are
/// accepted. Codes: 6 no JSON, 1 a cniVersion we do not speak (or CHECK < 0.4.0, GC and STATUS < 1.1.0),
/// 2 a field that we know and refuse (its key and value are named), 7 a field with a bad value (its path is
/// named). Of a key that is given twice the last one counts, as for JSON decoders in general.
/// DEL and GC log and ignore what is bad in parts that taking down does not need (a runtime repeats a DEL
/// that fails for ever); they insist on the name, the version, where addresses and records are, and GC on its
/// list.
CniResult<NetConf> parse_netconf(std::string_view text, const Invocation& invocation);

/// The cniVersion of a configuration that may be broken otherwise; the newest one we speak when it says none.
[[nodiscard]] std::string asked_version(std::string_view text);
inline constexpr std::size_t kLargestConfig = 1 << 20;  ///< bytes on stdin

[[nodiscard]] const std::vector<std::string>& supported_versions();
/// -1, 0, 1 of two versions "a.b.c"; both are taken from supported_versions().
[[nodiscard]] int compare_versions(std::string_view a, std::string_view b);

}  // namespace podwire::cni
