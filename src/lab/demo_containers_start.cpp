#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "kernel/host.h"
#include "lab/demo_containers.h"

namespace podwire::lab {
namespace {

std::vector<std::string> names_of(const std::vector<state::Link>& links) {
  std::vector<std::string> names;
  names.reserve(links.size());
  for (const auto& link : links) names.push_back(link.name);
  std::ranges::sort(names);
  return names;
}

/// The ports of docker0 by name, in order.
Result<std::vector<std::string>> ports_of_docker0(const DockerHost& host) {
  const auto rtnl = TRY(kernel::real_host().rtnl(host.netns()));
  const auto bridge = TRY(rtnl->link("docker0"));
  auto links = TRY(rtnl->links());
  std::erase_if(links, [&](const state::Link& link) { return link.master_index != bridge.index; });
  return names_of(links);
}

Result<> check_namespace(ContainerScene& scene, const Container& c) {
  scene.tell.check({.holds = c.netns.inode() != scene.host1.netns().inode(),
                    .seen = fmt::format("{} is in network namespace {}, {} in {}", c.name, c.netns.inode(),
                                        scene.host1.name(), scene.host1.netns().inode()),
                    .expected = "two different namespaces",
                    .look = fmt::format("podwire exec {} readlink /proc/self/ns/net", c.name)});
  const auto inside = TRY(kernel::real_host().rtnl(c.netns));
  const auto names = names_of(TRY(inside->links()));
  scene.tell.check({.holds = names == std::vector<std::string>{"eth0", "lo"},
                    .seen = fmt::format("all interfaces that it sees: {}", fmt::join(names, ", ")),
                    .expected = "eth0, lo: none of the host's",
                    .look = fmt::format("podwire exec {} ip link", c.name)});
  return {};
}

Result<> check_veth(ContainerScene& scene, const Container& c) {
  const bool pair = c.eth0.kind == "veth" && c.veth.kind == "veth" && c.veth.peer_index == c.eth0.index &&
                    c.eth0.peer_index == c.veth.index;
  scene.tell.check({.holds = pair,
                    .seen = fmt::format(
                        "eth0 in {} ({}, index {}, its other end has index {}) and {} on {} ({}, index {}, "
                        "its other end has index {}) are the two ends of one cable",
                        c.name, c.eth0.kind, c.eth0.index, c.eth0.peer_index, c.veth.name, scene.host1.name(),
                        c.veth.kind, c.veth.index, c.veth.peer_index),
                    .expected = "two veth interfaces, each the other's other end",
                    .look = "ip -details link"});
  const auto ports = TRY(ports_of_docker0(scene.host1));
  scene.tell.check({.holds = std::ranges::find(ports, c.veth.name) != ports.end(),
                    .seen = fmt::format("plugged into docker0: {}", fmt::join(ports, ", ")),
                    .expected = c.veth.name + " among them",
                    .look = "brctl show; bridge link"});
  return {};
}

}  // namespace

Result<> start_container_a(ContainerScene& scene) {
  scene.tell.say(
      "A container gets a network namespace of its own. A veth pair, a cable with an interface at each end, "
      "connects "
      "it: one end becomes a port of docker0, the other end is its eth0. (Its program is a small web server; "
      "its port "
      "80 is published for later.)");
  TRY(must_type(
      scene.tell, scene.host1,
      {"run", "-d", "--name", "a", "-p", "8080:80", "busybox", "httpd", "-f", "-p", "80", "-h", "/etc"}));
  scene.a = TRY(scene.host1.look_at("a"));
  const auto& a = *scene.a;
  TRY(check_namespace(scene, a));
  TRY(check_veth(scene, a));
  scene.tell.check({.holds = a.address.str() == "172.17.0.2/16",
                    .seen = fmt::format("the address of its eth0, from docker0's block: {}", a.address.str()),
                    .expected = "172.17.0.2/16",
                    .look = "podwire exec a ip addr show eth0"});
  const auto inside = TRY(kernel::real_host().rtnl(a.netns));
  const auto answer = TRY(inside->route_to(Stage::server()));
  const std::string gateway = answer.route.gateway ? answer.route.gateway->str() : "no gateway";
  scene.tell.check({.holds = gateway == "172.17.0.1",
                    .seen = fmt::format("what is not in the block goes to docker0's address: {} via {}",
                                        Stage::server().str(), gateway),
                    .expected = "via 172.17.0.1",
                    .look = fmt::format("podwire exec a ip route get {}", Stage::server().str())});
  const auto own_view = TRY(type(scene.tell, scene.host1, {"exec", "a", "ip", "addr", "show", "eth0"}));
  const bool same = own_view.out.find("inet " + a.address.str()) != std::string::npos &&
                    own_view.out.find(a.eth0.mac.str()) != std::string::npos;
  scene.tell.check(
      {.holds = same,
       .seen = fmt::format("a program inside {} {} and {}", same ? "sees the same," : "does not see",
                           a.address.str(), a.eth0.mac.str()),
       .expected = "the address and the MAC that the kernel showed us",
       .look = ""});
  return {};
}

Result<> start_container_b(ContainerScene& scene) {
  scene.tell.say("The same once more: the next address of the block, one more port of the switch.");
  TRY(must_type(scene.tell, scene.host1, {"run", "-d", "--name", "b", "busybox", "sleep", "1000"}));
  scene.b = TRY(scene.host1.look_at("b"));
  const auto& b = *scene.b;
  scene.tell.check({.holds = b.address.str() == "172.17.0.3/16",
                    .seen = fmt::format("b has {}", b.address.str()),
                    .expected = "172.17.0.3/16",
                    .look = "podwire exec b ip addr show eth0"});
  auto wanted = std::vector<std::string>{scene.a->veth.name, b.veth.name};
  std::ranges::sort(wanted);
  const auto ports = TRY(ports_of_docker0(scene.host1));
  scene.tell.check({.holds = ports == wanted,
                    .seen = fmt::format("docker0 has {} ports: {}", ports.size(), fmt::join(ports, ", ")),
                    .expected = fmt::format("{}", fmt::join(wanted, ", ")),
                    .look = "brctl show"});
  return {};
}

}  // namespace podwire::lab
