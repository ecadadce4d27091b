#include <fmt/format.h>

#include <algorithm>

#include "kernel/host.h"
#include "lab/demo_containers.h"
#include "lab/frames.h"
#include "lab/text.h"
#include "lab/web.h"

namespace podwire::lab {
namespace {

constexpr std::uint16_t kHttp = 80;
constexpr std::uint8_t kTcp = 6;  // IPPROTO_TCP

std::string source_of(const trace::Packet& syn) {
  const auto* ip = syn.outer<trace::Ipv4>();
  const auto* tcp = syn.outer<trace::Tcp>();
  return ip == nullptr || tcp == nullptr ? "?" : Endpoint{ip->src, tcp->src_port}.str();
}

/// The same segment before and after the host: NAT changes addresses and ports, not the sequence number.
Result<> check_both_links(ContainerScene& scene, Tap& inside, Tap& wire) {
  const auto& a = *scene.a;
  const auto host = Stage::address(kHost1).addr();
  const auto first = inside.first(tcp_syn(kHttp));
  const auto seq = first ? first->outer<trace::Tcp>()->seq : 0;
  const auto second = first ? wire.first(tcp_syn_numbered(seq)) : Result<trace::Packet>(fail("no segment"));
  const bool holds = first && second && first->outer<trace::Ipv4>()->src == a.address.addr() &&
                     second->outer<trace::Ipv4>()->src == host;
  scene.tell.check(
      {.holds = holds,
       .seen = !first ? fmt::format("no connection to port {} was captured on {}", kHttp, a.veth.name)
               : !second
                   ? fmt::format("{} came by on {}, and never on the wire", source_of(*first), a.veth.name)
                   : fmt::format("captured twice, TCP SYN with sequence number {}: from {} on {}, from {} on "
                                 "the wire",
                                 seq, source_of(*first), a.veth.name, source_of(*second)),
       .expected = fmt::format("from {} first, from {} then", a.address.addr().str(), host.str()),
       .look = "tcpdump -ni eth0 tcp"});
  return {};
}

Result<> check_memory(ContainerScene& scene) {
  const auto& a = *scene.a;
  const auto host = Stage::address(kHost1).addr();
  const auto conntrack = TRY(kernel::real_host().conntrack(scene.host1.netns()));
  const auto flows = TRY(conntrack->flows({.family = Family::v4,
                                           .protocol = kTcp,
                                           .original_src = a.address.addr(),
                                           .original_dst = Stage::server(),
                                           .original_dst_port = kHttp}));
  scene.tell.check(
      {.holds = flows.size() == 1 && flows[0].reply.dst == host,
       .seen = flows.empty()
                   ? std::string("host1 remembers no connection of a's to the server")
                   : fmt::format("so that answers find back, host1 remembers: {} > {}, answers come to {}",
                                 Endpoint{flows[0].original.src, flows[0].original.src_port}.str(),
                                 Endpoint{flows[0].original.dst, flows[0].original.dst_port}.str(),
                                 Endpoint{flows[0].reply.dst, flows[0].reply.dst_port}.str()),
       .expected = fmt::format("one connection, whose answers come to {}", host.str()),
       .look = "conntrack -L -p tcp"});
  return {};
}

Result<> check_rule(ContainerScene& scene) {
  const auto addr = scene.a->address.addr();
  const auto nft = TRY(kernel::real_host().nft(scene.host1.netns()));
  state::NftBytes key;
  key.addr(addr);
  const auto element = TRY(nft->get({state::NftFamily::inet, "podwire-cni", "masq4"}, key));
  const auto sysctl = TRY(kernel::real_host().sysctl(scene.host1.netns()));
  const auto forward = TRY(sysctl->get("net/ipv4/ip_forward"));
  scene.tell.check(
      {.holds = element.has_value() && forward == "1",
       .seen = fmt::format("why: {} {} in the set of addresses to be masqueraded, and ip_forward is now {}",
                           addr.str(), element ? "is" : "is not", forward),
       .expected = "it is in the set, and ip_forward is 1",
       .look = "nft list set inet podwire-cni masq4"});
  return {};
}

}  // namespace

Result<> reach_the_outside(ContainerScene& scene) {
  const auto& a = *scene.a;
  const auto host = Stage::address(kHost1).addr();
  scene.tell.say(
      fmt::format("{} is a web server on the internet (here: one more namespace, behind the router {}). "
                  "Nobody out there knows a way "
                  "back to 172.17.0.0/16, every Docker host has that. So the host forwards a's packets under "
                  "its own address.",
                  kServer, Stage::address(kOutside).addr().str()));
  auto server = TRY(Greeter::start(scene.stage.outside().netns(), {Stage::server(), kHttp}));
  auto inside = TRY(Tap::open(scene.host1.netns(), a.veth.name));
  auto wire = TRY(Tap::open(scene.host1.netns(), "eth0"));
  const auto wget =
      TRY(type(scene.tell, scene.host1,
               {"exec", "a", "timeout", "3", "wget", "-q", "-O", "-", fmt::format("http://{}/", kServer)}));
  const auto lines = lines_of(wget.out);
  scene.tell.check({.holds = wget.status == 0 && !lines.empty(),
                    .seen = lines.empty() ? fmt::format("a got no answer (wget: exit status {})", wget.status)
                                          : fmt::format("a got an answer from {}: \"{}\"", kServer, lines[0]),
                    .expected = "an answer",
                    .look = ""});
  const auto clients = server.take_clients();
  scene.tell.check({.holds = clients.size() == 1 && clients[0].addr == host,
                    .seen = clients.empty()
                                ? std::string("no client reached the server's accept()")
                                : fmt::format("the server's accept() says that its client is {}; a is {}",
                                              clients[0].str(), a.address.addr().str()),
                    .expected = fmt::format("one client, {}'s address {}", scene.host1.name(), host.str()),
                    .look = "ss -tn (on the server)"});
  TRY(check_both_links(scene, inside, wire));
  TRY(check_memory(scene));
  return check_rule(scene);
}

}  // namespace podwire::lab
