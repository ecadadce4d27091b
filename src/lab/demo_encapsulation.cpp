#include "lab/demo_encapsulation.h"

namespace podwire::lab {

Result<EncapsulationScene> EncapsulationScene::set(Narrator& tell, const std::string& podwire) {
  auto stage = TRY(Stage::build(podwire));
  auto host1 = TRY(stage.docker_host(kHost1));
  return EncapsulationScene{.tell = tell,
                            .stage = std::move(stage),
                            .host1 = std::move(host1),
                            .sender = std::nullopt,
                            .first = std::nullopt,
                            .next = std::nullopt,
                            .received = std::nullopt};
}

std::span<const Step<EncapsulationScene>> encapsulation_steps() {
  static constexpr Step<EncapsulationScene> kSteps[] = {
      {"datagram", "A datagram is sent and captured twice", send_a_datagram},
      {"data", "Data", show_the_data},
      {"udp", "A UDP header is put round it", show_the_udp_header},
      {"ip", "An IP header is put round that", show_the_ip_header},
      {"ethernet", "An Ethernet header is put round that", show_the_ethernet_header},
      {"next-hop", "The next hop: only the Ethernet header is replaced", show_the_next_hop},
  };
  return kSteps;
}

}  // namespace podwire::lab
