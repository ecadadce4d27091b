#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "kernel/host.h"
#include "lab/demo_containers.h"
#include "lab/frames.h"
#include "lab/text.h"
#include "lab/web.h"

namespace podwire::lab {
namespace {

constexpr std::uint16_t kHostPort = 8080, kContainerPort = 80;
constexpr std::uint8_t kTcp = 6;  // IPPROTO_TCP

/// A container counts as started before its program listens: refused connections are tried again, for 2 s at
/// most.
Result<WebAnswer> get_when_ready(const kernel::NetNs& from, const Endpoint& remote, const std::string& path) {
  for (int attempt = 0;; ++attempt) {
    auto answer = web_get(from, remote, path);
    if (answer || answer.error().sys_errno != ECONNREFUSED || attempt == 100) return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::string first_line(const std::string& text) {
  const auto lines = lines_of(text);
  return lines.empty() ? "" : lines[0];
}

Result<> check_answer(ContainerScene& scene, const Result<WebAnswer>& answer, const Endpoint& published) {
  const auto hostname = TRY(must_type(scene.tell, scene.host1, {"exec", "a", "hostname"}));
  const bool same = answer && answer->status == 200 && first_line(answer->body) == first_line(hostname);
  scene.tell.check(
      {.holds = same,
       .seen = answer ? fmt::format("from outside, http://{}/hostname answers {} \"{}\"; a's host name is "
                                    "\"{}\"",
                                    published.str(), answer->status, first_line(answer->body),
                                    first_line(hostname))
                      : answer.error().message(),
       .expected = "200 and a's host name: container a has answered",
       .look = fmt::format("curl http://{}/hostname (outside)", published.str())});
  return {};
}

Result<> check_arrival(ContainerScene& scene, Tap& tap) {
  const auto& a = *scene.a;
  const auto syn = tap.first(tcp_syn(kContainerPort));
  const auto* ip = syn ? syn->outer<trace::Ipv4>() : nullptr;
  const auto* tcp = syn ? syn->outer<trace::Tcp>() : nullptr;
  scene.tell.check(
      {.holds = ip != nullptr && ip->dst == a.address.addr() && ip->src == Stage::server(),
       .seen =
           ip == nullptr
               ? fmt::format("no connection to port {} was captured on {}", kContainerPort, a.veth.name)
               : fmt::format("captured on {}: {} > {}: the destination was changed, the client's address was "
                             "not",
                             a.veth.name, Endpoint{ip->src, tcp->src_port}.str(),
                             Endpoint{ip->dst, tcp->dst_port}.str()),
       .expected = fmt::format("from {} to {}", Stage::server().str(),
                               Endpoint{a.address.addr(), kContainerPort}.str()),
       .look = fmt::format("tcpdump -ni {} tcp", a.veth.name)});
  return {};
}

Result<> check_memory(ContainerScene& scene) {
  const Endpoint inside{scene.a->address.addr(), kContainerPort};
  const auto conntrack = TRY(kernel::real_host().conntrack(scene.host1.netns()));
  const auto flows = TRY(conntrack->flows({.family = Family::v4,
                                           .protocol = kTcp,
                                           .original_dst = Stage::address(kHost1).addr(),
                                           .original_dst_port = kHostPort}));
  const bool there = !flows.empty();
  const Endpoint replier = there ? Endpoint{flows[0].reply.src, flows[0].reply.src_port} : Endpoint{};
  scene.tell.check(
      {.holds = there && replier == inside,
       .seen = there ? fmt::format("host1 remembers: what went to {} is answered by {}",
                                   Endpoint{flows[0].original.dst, flows[0].original.dst_port}.str(),
                                   replier.str())
                     : fmt::format("host1 remembers no connection to its port {}", kHostPort),
       .expected = "answered by " + inside.str(),
       .look = "conntrack -L --dst-nat"});
  return {};
}

}  // namespace

Result<> publish_a_port(ContainerScene& scene) {
  const Endpoint published{Stage::address(kHost1).addr(), kHostPort};
  scene.tell.say(
      fmt::format("The outside cannot name a, only the host. a was started with -p {}:{}: what comes to the "
                  "host's port {} goes on to "
                  "port {} of a. The server {} is now the client.",
                  kHostPort, kContainerPort, kHostPort, kContainerPort, kServer));
  auto tap = TRY(Tap::open(scene.host1.netns(), scene.a->veth.name));
  const auto answer = get_when_ready(scene.stage.outside().netns(), published, "/hostname");
  TRY(check_answer(scene, answer, published));
  TRY(check_arrival(scene, tap));
  return check_memory(scene);
}

}  // namespace podwire::lab
