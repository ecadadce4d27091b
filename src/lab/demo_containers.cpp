#include "lab/demo_containers.h"

namespace podwire::lab {

Result<ContainerScene> ContainerScene::set(Narrator& tell, const std::string& podwire) {
  auto stage = TRY(Stage::build(podwire));
  auto host1 = TRY(stage.docker_host(kHost1));
  return ContainerScene{.tell = tell,
                        .stage = std::move(stage),
                        .host1 = std::move(host1),
                        .host2 = std::nullopt,
                        .a = std::nullopt,
                        .b = std::nullopt};
}

std::span<const Step<ContainerScene>> container_steps() {
  static constexpr Step<ContainerScene> kSteps[] = {
      {"host", "A host before Docker", look_at_host_before},
      {"bridge", "The bridge docker0", make_the_bridge},
      {"container", "Container a: a namespace and a veth pair", start_container_a},
      {"second", "Container b", start_container_b},
      {"ping", "b pings a by its private address", ping_a_from_b},
      {"outside", "The way out: masquerade", reach_the_outside},
      {"published", "The way in: a published port", publish_a_port},
      {"two-hosts", "Two hosts: the ping that must fail", fail_between_two_hosts},
  };
  return kSteps;
}

}  // namespace podwire::lab
