#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace podwire::server {

/// The server's keys and certificates, as PEM. All keys are ECDSA P-256.
struct Pki {
  std::string ca, ca_key;                          ///< signs all the others; clients trust it
  std::string server, server_key;                  ///< for TLS
  std::string admin, admin_key;                    ///< of the group system:masters, which may do everything
  std::string kubelet_client, kubelet_client_key;  ///< for asking nodes
};

/// Reads DIR/{ca,server,admin,kubelet-client}.{crt,key}, and makes what is not there (mode 0600, in a
/// directory of mode 0700). A server certificate that lacks one of the names, and leaf certificates that end
/// within thirty days, are made anew; the CA stays: its clients know it. Errors name the file.
Result<Pki> open_pki(const std::string& dir, const std::vector<IpAddr>& addresses,
                     const std::vector<std::string>& names, std::chrono::sys_seconds now);

/// A kubeconfig (YAML) with one cluster, one user and one context, with everything embedded.
[[nodiscard]] std::string kubeconfig(std::string_view server_url, std::string_view ca,
                                     std::string_view certificate, std::string_view key);

}  // namespace podwire::server
