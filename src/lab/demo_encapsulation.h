#pragma once
#include <optional>
#include <span>
#include <string>

#include "lab/docker_host.h"
#include "lab/narrator.h"
#include "lab/play.h"
#include "lab/stage.h"
#include "lab/udp.h"
#include "trace/packet.h"

namespace podwire::lab {

/// The demo "Network encapsulation": one datagram, captured on two links.
struct EncapsulationScene {
  Narrator& tell;
  Stage stage;
  DockerHost host1;
  std::optional<Container> sender;              ///< once it runs
  std::optional<trace::Packet> first, next;     ///< the datagram on the first link and on the next
  std::optional<UdpSocket::Datagram> received;  ///< at its end

  static Result<EncapsulationScene> set(Narrator& tell, const std::string& podwire);
};

/// In the order in which they are played.
[[nodiscard]] std::span<const Step<EncapsulationScene>> encapsulation_steps();

// The steps, by file: _send, _layers, _next_hop.
Result<> send_a_datagram(EncapsulationScene& scene);
Result<> show_the_data(EncapsulationScene& scene);
Result<> show_the_udp_header(EncapsulationScene& scene);
Result<> show_the_ip_header(EncapsulationScene& scene);
Result<> show_the_ethernet_header(EncapsulationScene& scene);
Result<> show_the_next_hop(EncapsulationScene& scene);

/// What is sent, from where to where.
inline constexpr const char* kData = "Hello, Kubernetes!";
inline constexpr std::uint16_t kSenderPort = 40000, kReceiverPort = 9000;

}  // namespace podwire::lab
