#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "kernel/host.h"
#include "lab/demo_containers.h"
#include "lab/frames.h"
#include "lab/ping.h"

namespace podwire::lab {
namespace {

/// Where a namespace sends what is for `dst`: "dev docker0", "via 192.0.2.1 dev eth0".
struct Direction {
  std::string device;
  std::optional<IpAddr> gateway;
  [[nodiscard]] std::string str() const {
    return (gateway ? "via " + gateway->str() + " " : "") + "dev " + device;
  }
};

Result<Direction> direction(const kernel::NetNs& netns, const IpAddr& dst) {
  const auto rtnl = TRY(kernel::real_host().rtnl(netns));
  const auto answer = TRY(rtnl->route_to(dst));
  return Direction{TRY(rtnl->link(answer.route.link_index)).name, answer.route.gateway};
}

/// The taps between a and the far container, from near to far.
struct Way {
  Tap a, eth0_host1, eth0_host2, docker0_host2;
};

Result<Way> watch(const ContainerScene& scene, const DockerHost& host2) {
  return Way{.a = TRY(Tap::open(scene.host1.netns(), scene.a->veth.name)),
             .eth0_host1 = TRY(Tap::open(scene.host1.netns(), "eth0")),
             .eth0_host2 = TRY(Tap::open(host2.netns(), "eth0")),
             .docker0_host2 = TRY(Tap::open(host2.netns(), "docker0"))};
}

/// Containers on the second host until one has an address that nobody has on the first.
Result<Container> start_far_containers(ContainerScene& scene, const DockerHost& host2) {
  scene.tell.say("A second Docker host on the same wire, with containers of its own:");
  std::vector<Container> far;
  for (const auto* name : {"c", "d", "e"}) {
    TRY(must_type(scene.tell, host2, {"run", "-d", "--name", name, "busybox", "sleep", "1000"}));
    far.push_back(TRY(host2.look_at(name)));
  }
  scene.tell.check(
      {.holds = far[0].address == scene.a->address,
       .seen = fmt::format("host2's first container has {}; a on host1 has {}: the same block on each host, "
                           "the same addresses",
                           far[0].address.str(), scene.a->address.str()),
       .expected = "twice the same address",
       .look = "podwire network inspect docker0"});
  const auto addr = far.back().address.addr();
  scene.tell.check(
      {.holds = addr != scene.a->address.addr() && addr != scene.b->address.addr(),
       .seen = fmt::format("container {} on host2 has {}; host1 has only {} and {}", far.back().name,
                           addr.str(), scene.a->address.addr().str(), scene.b->address.addr().str()),
       .expected = "an address that exists on host2 only",
       .look = ""});
  return std::move(far.back());
}

Result<> check_wire(ContainerScene& scene, Way& way, const IpAddr& host2) {
  const auto ping = TRY(scene.host1.machine().run({"ping", "-c", "1", "-W", "2", host2.str()}));
  scene.tell.command(scene.host1.name(), fmt::format("ping -c 1 -W 2 {}", host2.str()), ping.out + ping.err);
  const auto count = parse_ping(ping.out);
  const auto seen = TRY(way.eth0_host2.count(about(host2)));
  scene.tell.check({.holds = count == PingCount{1, 1} && seen > 0,
                    .seen = fmt::format(
                        "the wire works: host1's ping to host2's own address {}: {}; {} frames of it came to "
                        "host2",
                        host2.str(), count ? count->str() : "it did not run", seen),
                    .expected = "an answer, and frames on host2",
                    .look = "tcpdump -ni eth0 (on host2)"});
  return {};
}

Result<> check_cause(ContainerScene& scene, const DockerHost& host2, const IpAddr& target) {
  const auto& a = *scene.a;
  const auto from_a = TRY(direction(a.netns, target));
  scene.tell.check({.holds = !from_a.gateway && from_a.device == "eth0",
                    .seen = fmt::format("why: for a, {} is in its own block {}, on its own Ethernet: {}",
                                        target.str(), a.address.network().str(), from_a.str()),
                    .expected = "dev eth0, no gateway",
                    .look = fmt::format("podwire exec a ip route get {}", target.str())});
  const auto inside = TRY(kernel::real_host().rtnl(a.netns));
  std::string entry = "no entry";
  bool unknown = false;
  for (const auto& n : TRY(inside->neighbours(Family::v4, a.eth0.index)))
    if (n.addr == target) {
      unknown = !n.mac;
      entry = fmt::format("{}, {}", n.mac ? n.mac->str() : "no MAC", name_of(n.state));
    }
  scene.tell.check({.holds = unknown,
                    .seen = fmt::format("a's ARP table for {}: {}", target.str(), entry),
                    .expected = "an entry without a MAC: nobody answered",
                    .look = "podwire exec a ip neigh"});
  const auto from_host1 = TRY(direction(scene.host1.netns(), target));
  const auto from_host2 = TRY(direction(host2.netns(), target));
  scene.tell.check(
      {.holds = from_host1.device == "docker0" && from_host2.device == "docker0",
       .seen = fmt::format("host1 itself would not know better: {} is {} on host1, and {} on host2",
                           target.str(), from_host1.str(), from_host2.str()),
       .expected = "dev docker0 on both",
       .look = fmt::format("ip route get {}", target.str())});
  return {};
}

Result<> check_absence(ContainerScene& scene, Way& way, const IpAddr& target) {
  const auto asked = TRY(way.a.count(arp_request(target)));
  const auto answered = TRY(way.a.count(arp_reply(target)));
  scene.tell.check({.holds = asked > 0 && answered == 0,
                    .seen = fmt::format("captured on {}: a asked {} times who has {}, and got {} answers",
                                        scene.a->veth.name, asked, target.str(), answered),
                    .expected = "questions without an answer",
                    .look = fmt::format("tcpdump -ni {} arp", scene.a->veth.name)});
  const auto left = TRY(way.eth0_host1.count(about(target)));
  const auto came = TRY(way.eth0_host2.count(about(target)));
  const auto inside = TRY(way.docker0_host2.count(about(target)));
  const auto all = TRY(way.eth0_host2.seen())->size();
  scene.tell.check({.holds = left == 0 && came == 0 && inside == 0 && all > 0,
                    .seen = fmt::format(
                        "frames about {}: {} left host1 by eth0, {} came to host2 (which saw {} others), {} "
                        "on host2's docker0",
                        target.str(), left, came, all, inside),
                    .expected = "none on any of the three",
                    .look = "tcpdump -ni eth0 (on host1 and on host2)"});
  return {};
}

}  // namespace

Result<> fail_between_two_hosts(ContainerScene& scene) {
  scene.host2.emplace(TRY(scene.stage.docker_host(kHost2)));
  const auto& host2 = *scene.host2;
  const auto far = TRY(start_far_containers(scene, host2));
  const auto target = far.address.addr();
  auto way = TRY(watch(scene, host2));
  TRY(check_wire(scene, way, Stage::address(kHost2).addr()));
  const auto ping =
      TRY(type(scene.tell, scene.host1, {"exec", "a", "ping", "-c", "1", "-W", "1", target.str()}));
  const auto count = parse_ping(ping.out);
  scene.tell.check({.holds = count == PingCount{1, 0},
                    .seen = fmt::format("a's ping to {} on the other host fails, as it must: {}", far.name,
                                        count ? count->str() : "it did not run"),
                    .expected = "1 sent, 0 answered",
                    .look = ""});
  TRY(check_cause(scene, host2, target));
  TRY(check_absence(scene, way, target));
  scene.tell.say(
      "Bridge mode ends at the host. To give every pod of a cluster an address of its own, and a way to "
      "every other "
      "one, is what Kubernetes asks of its network.");
  return {};
}

}  // namespace podwire::lab
