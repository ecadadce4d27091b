#include <fmt/format.h>

#include "kernel/host.h"
#include "lab/demo_encapsulation.h"
#include "lab/frames.h"
#include "lab/offload.h"
#include "trace/summary.h"

namespace podwire::lab {
namespace {

constexpr const char* kNetwork = "plain";

Result<> start_sender(EncapsulationScene& scene) {
  scene.tell.say(
      "A container behind a Docker host that only routes: a network without masquerade, so that what changes "
      "at the hop "
      "is what every router changes, and nothing else.");
  TRY(must_type(scene.tell, scene.host1,
                {"network", "create", "--subnet", "10.1.0.0/24", "--no-masquerade", kNetwork}));
  TRY(must_type(scene.tell, scene.host1,
                {"run", "-d", "--name", "sender", "--network", kNetwork, "busybox", "sleep", "1000"}));
  scene.sender = TRY(scene.host1.look_at("sender"));
  TRY(turn_off_checksum_offload(scene.sender->netns, "eth0"));
  scene.tell.say(
      "Its eth0 is told to finish checksums itself, as a network card would (ethtool -K eth0 tx off).");
  return {};
}

}  // namespace

Result<> send_a_datagram(EncapsulationScene& scene) {
  TRY(start_sender(scene));
  const auto& sender = *scene.sender;
  const Endpoint from{sender.address.addr(), kSenderPort};
  const Endpoint to{Stage::server(), kReceiverPort};
  auto receiver = TRY(UdpSocket::open(scene.stage.outside().netns(), to));
  auto near = TRY(Tap::open(scene.host1.netns(), sender.veth.name));
  auto far = TRY(Tap::open(scene.stage.outside().netns(), "eth0"));
  scene.tell.say(fmt::format("From the container's namespace \"{}\" is sent by UDP from {} to {}.", kData,
                             from.str(), to.str()));
  auto socket = TRY(UdpSocket::open(sender.netns, from));
  TRY(socket.send(kData, to));
  scene.received = TRY(receiver.receive());
  scene.tell.check({.holds = scene.received->data == kData && scene.received->from == from,
                    .seen = fmt::format("{} received \"{}\" from {}", to.str(), scene.received->data,
                                        scene.received->from.str()),
                    .expected = fmt::format("\"{}\" from {}", kData, from.str()),
                    .look = ""});
  scene.first = TRY(near.first(udp_to_port(kReceiverPort)));
  scene.next = TRY(far.first(udp_to_port(kReceiverPort)));
  scene.tell.check(
      {.holds = scene.first->outer<trace::Udp>()->src_port == kSenderPort,
       .seen = fmt::format("captured on {} (host1): {}", sender.veth.name, trace::summary(*scene.first)),
       .expected = fmt::format("from port {}", kSenderPort),
       .look = fmt::format("tcpdump -eXni {} udp", sender.veth.name)});
  scene.tell.check({.holds = scene.next->outer<trace::Udp>()->src_port == kSenderPort,
                    .seen = fmt::format("captured on eth0 (outside): {}", trace::summary(*scene.next)),
                    .expected = fmt::format("from port {}", kSenderPort),
                    .look = "tcpdump -eXni eth0 udp"});
  return {};
}

}  // namespace podwire::lab
