#include <fmt/format.h>

#include <algorithm>

#include "kernel/host.h"
#include "lab/demo_containers.h"
#include "lab/frames.h"
#include "lab/ping.h"

namespace podwire::lab {
namespace {

std::string mac_or_none(const std::optional<Mac>& mac) { return mac ? mac->str() : "no MAC"; }

}  // namespace

Result<> ping_a_from_b(ContainerScene& scene) {
  const auto& a = *scene.a;
  const auto& b = *scene.b;
  const auto a_addr = a.address.addr();
  scene.tell.say(
      "Both are on one Ethernet. b asks by ARP who has a's address, a answers with its MAC, and the ping "
      "goes there "
      "straight. We read along where a is plugged in.");
  auto tap = TRY(Tap::open(scene.host1.netns(), a.veth.name));
  const auto ping =
      TRY(type(scene.tell, scene.host1, {"exec", "b", "ping", "-c", "1", "-W", "2", a_addr.str()}));
  const auto count = parse_ping(ping.out);
  scene.tell.check({.holds = count == PingCount{1, 1},
                    .seen = fmt::format("b's ping to a: {}", count ? count->str() : "it did not run"),
                    .expected = "1 sent, 1 answered",
                    .look = ""});

  const auto request = tap.first(echo_request(b.address.addr(), a_addr));
  const auto* ethernet = request ? request->outer<trace::Ethernet>() : nullptr;
  const auto* ip = request ? request->outer<trace::Ipv4>() : nullptr;
  const bool straight = ethernet != nullptr && ip != nullptr && ethernet->src == b.eth0.mac &&
                        ethernet->dst == a.eth0.mac && ip->ttl == 64;
  scene.tell.check(
      {.holds = straight,
       .seen = ip == nullptr ? fmt::format("no echo request from b was captured on {}", a.veth.name)
                             : fmt::format("captured on {}: echo request {} > {}, Ethernet {} > {}, TTL {}",
                                           a.veth.name, ip->src.str(), ip->dst.str(), ethernet->src.str(),
                                           ethernet->dst.str(), ip->ttl),
       .expected = fmt::format("from b's MAC {} to a's {}, TTL 64: no router on the way", b.eth0.mac.str(),
                               a.eth0.mac.str()),
       .look = fmt::format("tcpdump -eni {} icmp or arp", a.veth.name)});

  const auto inside = TRY(kernel::real_host().rtnl(b.netns));
  std::optional<Mac> learned;
  for (const auto& n : TRY(inside->neighbours(Family::v4, b.eth0.index)))
    if (n.addr == a_addr) learned = n.mac;
  scene.tell.check({.holds = learned == a.eth0.mac,
                    .seen = fmt::format("b's ARP table: {} is at {}; a's eth0 has {}", a_addr.str(),
                                        mac_or_none(learned), a.eth0.mac.str()),
                    .expected = "twice the same MAC",
                    .look = "podwire exec b ip neigh"});

  const auto host = TRY(kernel::real_host().rtnl(scene.host1.netns()));
  std::optional<Mac> behind_port;
  for (const auto& entry : TRY(host->fdb(a.veth.index)))
    if (entry.mac == a.eth0.mac && entry.state != state::NeighbourState::permanent) behind_port = entry.mac;
  scene.tell.check({.holds = behind_port.has_value(),
                    .seen = fmt::format("the switch learned by itself what is behind port {}: {}",
                                        a.veth.name, mac_or_none(behind_port)),
                    .expected = "a's MAC " + a.eth0.mac.str(),
                    .look = "bridge fdb show br docker0; brctl showmacs docker0"});
  return {};
}

}  // namespace podwire::lab
