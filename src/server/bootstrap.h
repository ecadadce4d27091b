#pragma once
#include <string>

#include "server/options.h"
#include "server/registry.h"

namespace podwire::server {

/// Creates what every cluster has from its first moment and what is not there yet: the four namespaces, the
/// ServiceCIDR "kubernetes", and Service default/kubernetes on the first address of the range with the server
/// behind it. What is there is left as it is, but for the server's own address, which is brought up to date.
/// A server on loopback is put behind no Service: no pod could reach it.
Task<kube::Answer<>> bootstrap(Registry& registry, const Options& options, IpAddr server_address,
                               std::uint16_t server_port);

/// Each new namespace gets its ServiceAccount "default" and the ConfigMap "kube-root-ca.crt" in the same
/// commit.
[[nodiscard]] std::shared_ptr<Guard> namespace_guard(Registry& registry, std::string ca_pem);

/// Gives both back to the namespaces that lost them and are not on their way out. A lookup or two a
/// namespace.
Task<void> furnish_namespaces(Registry& registry, std::string ca_pem);

}  // namespace podwire::server
