#pragma once
#include <string>
#include <string_view>

#include "kernel/fake/namespace.h"

namespace podwire::kernel::fake {

/// The part of /proc/sys/net that podwire and its tests read, with the values of a fresh namespace
/// (Linux 6.18; those of a link come from conf/default, as they are then).
void plant_sysctls(Namespace& home);
/// The conf entries of a new link, of both families; what is there already stays.
void plant_link_sysctls(Namespace& home, const std::string& link);
void uproot_link_sysctls(Namespace& home, const std::string& link);
void uproot_ipv6_sysctls(Namespace& home, const std::string& link);
/// A link got another name: its entries go with it.
void rename_link_sysctls(Namespace& home, const std::string& from, const std::string& to);

/// "net/ipv6/conf/eth0/forwarding"
[[nodiscard]] std::string link_sysctl_key(Family family, std::string_view link, std::string_view name);
/// Its value; "" when it is not there.
[[nodiscard]] std::string link_sysctl(const Namespace& home, Family family, std::string_view link,
                                      std::string_view name);

}  // namespace podwire::kernel::fake
