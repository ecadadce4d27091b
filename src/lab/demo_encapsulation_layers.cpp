#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "kernel/host.h"
#include "lab/demo_encapsulation.h"
#include "trace/encapsulation.h"
#include "trace/fields.h"

namespace podwire::lab {
namespace {

constexpr trace::BoxStyle kStyle{.width = 76};

/// Where a layer of this kind is in the captured frame.
Result<std::size_t> index_of(const trace::Packet& packet, trace::LayerKind kind) {
  const auto at = std::ranges::find(packet.layers, kind, &trace::Layer::kind);
  if (at == packet.layers.end() || at->truncated)
    return fail("find in the captured frame", trace::name_of(kind), ENODATA);
  return static_cast<std::size_t>(at - packet.layers.begin());
}

/// Draws the captured frame from this layer inwards.
Result<const trace::Layer*> draw_from(EncapsulationScene& scene, trace::LayerKind kind) {
  const auto& packet = *scene.first;
  const auto index = TRY(index_of(packet, kind));
  scene.tell.show(trace::boxes(packet, index, kStyle));
  return &packet.layers[index];
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<> show_the_data(EncapsulationScene& scene) {
  scene.tell.say("What a program wants to send. The bytes are those of the captured frame, in hexadecimal.");
  const auto* layer = TRY(draw_from(scene, trace::LayerKind::data));
  const auto data = text_of(scene.first->bytes_of(*layer));
  scene.tell.check({.holds = data == kData,
                    .seen = fmt::format("bytes {} to {} of the frame are the data that was sent: \"{}\"",
                                        layer->offset, layer->offset + layer->length - 1, data),
                    .expected = fmt::format("\"{}\"", kData),
                    .look = ""});
  return {};
}

Result<> show_the_udp_header(EncapsulationScene& scene) {
  scene.tell.say("UDP says which program on each side: a port number each.");
  const auto* layer = TRY(draw_from(scene, trace::LayerKind::udp));
  const auto& udp = *scene.first->outer<trace::Udp>();
  const auto data = std::string_view(kData).size();
  scene.tell.check({.holds = udp.src_port == kSenderPort && udp.dst_port == kReceiverPort,
                    .seen = fmt::format("{} bytes at {}: from port {} to port {}", layer->length,
                                        layer->offset, udp.src_port, udp.dst_port),
                    .expected = fmt::format("from port {} to port {}", kSenderPort, kReceiverPort),
                    .look = ""});
  scene.tell.check({.holds = udp.length == layer->length + data && udp.verdict == trace::Checksum::good,
                    .seen = fmt::format(
                        "its length field says {}, {} of header and {} of data; its checksum is {}",
                        udp.length, layer->length, udp.length - layer->length, trace::name_of(udp.verdict)),
                    .expected = fmt::format("{} of data, a good checksum", data),
                    .look = ""});
  return {};
}

Result<> show_the_ip_header(EncapsulationScene& scene) {
  scene.tell.say(
      "IP says which computers, wherever they are. These addresses stay the same on all of the way.");
  const auto* layer = TRY(draw_from(scene, trace::LayerKind::ipv4));
  const auto& ip = *scene.first->outer<trace::Ipv4>();
  const auto& udp = *scene.first->outer<trace::Udp>();
  scene.tell.check(
      {.holds = ip.src == scene.sender->address.addr() && ip.dst == Stage::server(),
       .seen = fmt::format("{} bytes at {}: from {}, the container's eth0, to {}, TTL {}", layer->length,
                           layer->offset, ip.src.str(), ip.dst.str(), ip.ttl),
       .expected = fmt::format("from {} to {}", scene.sender->address.addr().str(), Stage::server().str()),
       .look = ""});
  scene.tell.check(
      {.holds = ip.total_length == layer->length + udp.length && ip.verdict == trace::Checksum::good,
       .seen = fmt::format("its length field says {}, {} of header and {} of UDP; its header checksum is {}",
                           ip.total_length, layer->length, ip.total_length - layer->length,
                           trace::name_of(ip.verdict)),
       .expected = fmt::format("{} of UDP, a good checksum", udp.length),
       .look = ""});
  return {};
}

Result<> show_the_ethernet_header(EncapsulationScene& scene) {
  scene.tell.say(
      "Ethernet says which interface on this one link: the next hop. That is not the server, but the router "
      "to it.");
  const auto* layer = TRY(draw_from(scene, trace::LayerKind::ethernet));
  const auto& ethernet = *scene.first->outer<trace::Ethernet>();
  const auto inside = TRY(kernel::real_host().rtnl(scene.sender->netns));
  const auto host = TRY(kernel::real_host().rtnl(scene.host1.netns()));
  const auto route = TRY(inside->route_to(Stage::server())).route;
  const auto bridge = TRY(host->link(scene.sender->veth.master_index));
  const std::string gateway = route.gateway ? route.gateway->str() : "no gateway";
  scene.tell.check(
      {.holds = route.gateway && ethernet.src == scene.sender->eth0.mac && ethernet.dst == bridge.mac,
       .seen = fmt::format("{} bytes at {}: from {}, the container's eth0, to {}; its next hop {} is the "
                           "bridge {} with MAC {}",
                           layer->length, layer->offset, ethernet.src.str(), ethernet.dst.str(), gateway,
                           bridge.name, bridge.mac.str()),
       .expected = fmt::format("from {} to {}", scene.sender->eth0.mac.str(), bridge.mac.str()),
       .look = "podwire exec sender ip route; podwire exec sender ip neigh"});
  const auto& ip = *scene.first->outer<trace::Ipv4>();
  scene.tell.check({.holds = scene.first->bytes.size() == layer->length + ip.total_length,
                    .seen = fmt::format("the whole frame is {} bytes: {} of Ethernet header and {} of IP",
                                        scene.first->bytes.size(), layer->length, ip.total_length),
                    .expected = "no byte more and no byte less",
                    .look = ""});
  return {};
}

}  // namespace podwire::lab
