#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "base/addr.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "kernel/netns/netns.h"

namespace podwire::lab {

/// An address and a port: one end of a TCP or UDP conversation.
struct Endpoint {
  IpAddr addr;
  std::uint16_t port = 0;
  /// "203.0.113.10:80", "[2001:db8::1]:80".
  [[nodiscard]] std::string str() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// A socket of a network namespace: it stays there, whoever uses it. Non-blocking. `type`: SOCK_STREAM or
/// SOCK_DGRAM.
Result<UniqueFd> open_socket(const kernel::NetNs& netns, Family family, int type);
Result<> bind_to(Fd socket, const Endpoint& local);
/// Starts to connect; success also while it is under way.
Result<> connect_to(Fd socket, const Endpoint& remote);
/// The endpoint that a kernel call wrote down; the default for another family.
[[nodiscard]] Endpoint endpoint_of(const sockaddr_storage& from);

}  // namespace podwire::lab
