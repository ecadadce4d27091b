#pragma once
#include <vector>

#include "cni/invocation.h"
#include "cni/json_fields.h"
#include "cni/netconf.h"

/// The parts that parse_netconf is put together from. `conf` is the field of the whole configuration.
/// What is absent leaves `out` as it is, and so does what is refused: DEL goes on with the rest.
namespace podwire::cni {

// result_decode.cpp: what results and configurations have in common.
CniResult<> read_routes(const Field& list, std::vector<ResultRoute>& out);
CniResult<> read_dns(const Field& dns, Dns& out);
CniResult<AddResult> read_result(const Field& result, std::string_view config_version);

// netconf_link.cpp
/// The first key of the bridge kind that is given, else empty.
CniResult<std::string> bridge_key_in(const Field& conf);
CniResult<> read_link(const Field& conf, std::string_view type, LinkConf& out);
/// Code 2 for what bridge, portmap and bandwidth can do and we do not.
CniResult<> refuse_unsupported(const Field& conf, Role role);

// netconf_ipam.cpp
/// Whose addresses, from where: all that giving them back needs. nullopt: no addresses (L2 only).
CniResult<std::optional<IpamConf>> read_ipam(const Field& conf);
/// The addresses themselves: ranges, routes, and what was requested.
CniResult<> read_pools(const Field& conf, const Invocation& invocation, std::string_view version,
                       IpamConf& out);
/// Our names for the IPAM part.
[[nodiscard]] bool is_our_ipam(std::string_view type);
/// Any name that the executable is installed under.
[[nodiscard]] bool is_our_type(std::string_view type);

// netconf_runtime.cpp: what comes from the runtime: capabilities, args, and the keys they override.
CniResult<> read_runtime(const Field& conf, const Invocation& invocation, NetConf& out);
CniResult<> read_valid_attachments(const Field& conf, std::optional<std::vector<ValidAttachment>>& out);

}  // namespace podwire::cni
