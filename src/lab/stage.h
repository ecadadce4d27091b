#pragma once
#include <string>
#include <vector>

#include "base/addr.h"
#include "lab/docker_host.h"
#include "lab/machine.h"
#include "lab/wire.h"

namespace podwire::lab {

/// One machine's interface on the demos' wire.
struct Leg {
  const char* machine;
  const char* address;
};

// The demos' addresses come from the blocks that RFC 5737 keeps for documentation, so that none is anybody's.
inline constexpr Leg kOutside{"outside", "192.0.2.1/24"};
inline constexpr Leg kHost1{"host1", "192.0.2.11/24"};
inline constexpr Leg kHost2{"host2", "192.0.2.12/24"};
/// The server on the internet that containers want to reach.
inline constexpr const char* kServer = "203.0.113.10";

/// What the demos are played on: Docker hosts and the rest of the world, plugged into one wire. All ends with
/// it.
class Stage {
 public:
  /// The wire with `outside`: the router 192.0.2.1, with the server 203.0.113.10 behind it in the same
  /// machine.
  static Result<Stage> build(std::string podwire);

  /// One more Docker host on the wire, its default route by way of the router. It forwards nothing yet,
  /// whatever the machine we run on does.
  Result<DockerHost> docker_host(const Leg& leg);

  [[nodiscard]] const Machine& outside() const { return outside_; }
  [[nodiscard]] static IpAddr server();
  [[nodiscard]] static Cidr address(const Leg& leg);

 private:
  Stage(Wire wire, Machine outside, std::string podwire)
      : wire_(std::move(wire)), outside_(std::move(outside)), podwire_(std::move(podwire)) {}
  Wire wire_;
  Machine outside_;
  std::string podwire_;
};

}  // namespace podwire::lab
