#pragma once
#include <optional>
#include <span>

#include "lab/docker_host.h"
#include "lab/narrator.h"
#include "lab/play.h"
#include "lab/stage.h"

namespace podwire::lab {

/// The demo "Container Networking": what its steps share.
struct ContainerScene {
  Narrator& tell;
  Stage stage;
  DockerHost host1;
  std::optional<DockerHost> host2;  ///< once it is needed
  std::optional<Container> a, b;    ///< once they run

  static Result<ContainerScene> set(Narrator& tell, const std::string& podwire);
};

/// In the order in which they are played.
[[nodiscard]] std::span<const Step<ContainerScene>> container_steps();

// The steps, by file: _bridge, _start, _ping, _outside, _published, _two_hosts.
Result<> look_at_host_before(ContainerScene& scene);
Result<> make_the_bridge(ContainerScene& scene);
Result<> start_container_a(ContainerScene& scene);
Result<> start_container_b(ContainerScene& scene);
Result<> ping_a_from_b(ContainerScene& scene);
Result<> reach_the_outside(ContainerScene& scene);
Result<> publish_a_port(ContainerScene& scene);
Result<> fail_between_two_hosts(ContainerScene& scene);

}  // namespace podwire::lab
