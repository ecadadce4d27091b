#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "base/addr.h"
#include "base/result.h"

namespace podwire::agent {

/// What a node that has joined shows its cluster: the cluster's CA, its own certificate and key. PEM.
struct Identity {
  std::string ca, certificate, key;
};

// Below the agent's data directory, mode 0600:
//   server-ca.crt, node.crt, node.key
//   node-password   known to the server by its hash: with the join token alone nobody takes the node's place

/// nullopt: this node has not joined yet. Errors: files that cannot be read, or do not fit each other.
Result<std::optional<Identity>> stored_identity(const std::string& data_dir);
Result<> store_identity(const std::string& data_dir, const Identity& identity);
/// The one in the file; a new one the first time.
Result<std::string> node_password(const std::string& data_dir);

/// Whether the certificate is this node's, under these addresses, and lasts a while still: else a new one is
/// worth asking for.
[[nodiscard]] bool is_good(const Identity& identity, const std::string& node,
                           std::span<const IpAddr> addresses, std::chrono::sys_seconds now);

}  // namespace podwire::agent
