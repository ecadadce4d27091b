#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace podwire::docker {

/// One published port of a container.
struct PublishedPort {
  std::optional<IpAddr> host_ip;  ///< none: every address of the host
  std::uint16_t host_port = 0;
  std::uint16_t container_port = 0;
  std::string protocol = "tcp";  ///< tcp, udp, sctp
  friend bool operator==(const PublishedPort&, const PublishedPort&) = default;
};

/// What one `-p` asks for: container ports [first, last], and where on the host. `host_first` 0: the host
/// port is chosen. A host range for a single container port means one of it.
struct PortRequest {
  std::optional<IpAddr> host_ip;
  std::uint16_t host_first = 0, host_last = 0;
  std::uint16_t first = 0, last = 0;
  std::string protocol = "tcp";
  friend bool operator==(const PortRequest&, const PortRequest&) = default;
};

/// "[ip:]host:container[/proto]", "container[/proto]", "ip::container"; ports may be ranges "8000-8010"; an
/// IPv6 address is in brackets. Errors say which part is wrong.
Result<PortRequest> parse_publish(std::string_view text);

/// Do two published ports claim the same port of the same address?
[[nodiscard]] bool clash(const PublishedPort& a, const PublishedPort& b);

/// Ports of the host that somebody else has.
class PortsInUse {
 public:
  virtual ~PortsInUse() = default;
  /// The name of the container that published it, or empty.
  [[nodiscard]] virtual std::string publisher_of(const PublishedPort& port) const = 0;
  /// Does a process of the host listen there?
  [[nodiscard]] virtual bool listened_on(const PublishedPort& port) const = 0;
};

/// Ports that the kernel may give out by itself: where chosen host ports come from, as Docker does.
struct PortRange {
  std::uint16_t first = 32768, last = 60999;
};

/// Decides every host port. Errors: EADDRINUSE with who has it; no free one in a range.
Result<std::vector<PublishedPort>> assign_ports(const std::vector<PortRequest>& requests,
                                                const PortsInUse& in_use, PortRange ephemeral);

/// "0.0.0.0:8080->80/tcp"
[[nodiscard]] std::string describe(const PublishedPort& port);

}  // namespace podwire::docker
