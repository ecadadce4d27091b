#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "docker/container.h"

namespace podwire::docker {

/// /etc/hosts of a container: loopback, itself, and on a network that resolves names every other container of
/// it by name, alias and short id. `others` are the containers of its network, itself among them or not.
/// Pure.
[[nodiscard]] std::string hosts_text(const Container& self, const std::vector<Container>& others,
                                     bool resolves_names);

/// /etc/resolv.conf of a container: the host's, without name servers on a loopback address, which would be
/// the container's own; or, when `servers` are given, these. Pure.
[[nodiscard]] std::string resolv_conf_text(std::string_view hosts_own, const std::vector<IpAddr>& servers);

/// Writes a file that is bind-mounted somewhere: same inode, the new text over the old one, then cut. A
/// reader at that very moment sees old and new lines mixed, never an empty file.
Result<> rewrite_in_place(const std::string& path, std::string_view text);

}  // namespace podwire::docker
