#pragma once
#include <string>

#include "cni/result.h"

namespace podwire::cni {

/// Reads nameserver, domain, search and options of a resolv.conf(5) file (ipam.resolvConf).
Result<Dns> read_resolv_conf(const std::string& path);
[[nodiscard]] Dns parse_resolv_conf(std::string_view text);

}  // namespace podwire::cni
