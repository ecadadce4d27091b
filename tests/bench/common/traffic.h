#pragma once
#include <chrono>
#include <cstdint>

#include "base/addr.h"
#include "base/result.h"
#include "kernel/netns/netns.h"

namespace podwire::bench {

/// Between a client in one namespace and a server in another.
struct Way {
  const kernel::NetNs& client;
  const kernel::NetNs& server;
  IpAddr address;             ///< that the client asks for
  std::uint16_t port = 7007;  ///< that the client asks for
  std::uint16_t server_port = 7007;
};

enum class Workload : std::uint8_t {
  stream,   ///< one TCP connection, as much as goes: Gbit/s
  request,  ///< one byte there and one back on one TCP connection: round trips/s
  connect,  ///< connect, one byte there and one back, close: connections/s
};

/// How much of it goes through in that time. Client and server are two threads that are pinned to one CPU, so
/// that what a path costs shows in the figure. Errors: nothing answered.
Result<double> measure(const Way& way, Workload workload, std::chrono::milliseconds time);

}  // namespace podwire::bench
