#include <fmt/format.h>

#include <algorithm>

#include "kernel/host.h"
#include "lab/byte_difference.h"
#include "lab/demo_encapsulation.h"
#include "trace/compare.h"
#include "trace/encapsulation.h"
#include "trace/fields.h"

namespace podwire::lab {
namespace {

/// Which bytes of an Ethernet frame with an IPv4 packet a router may change: the Ethernet addresses, the TTL
/// and the header checksum that covers it (RFC 791, RFC 1812).
const std::vector<ByteRange> kRouterChanges{{0, 11}, {22, 22}, {24, 25}};

std::string mac_or_none(const std::optional<Mac>& mac) { return mac ? mac->str() : "no MAC"; }

/// What a host's ARP table says of an address.
Result<std::optional<Mac>> resolved(const kernel::NetNs& netns, const IpAddr& addr) {
  const auto rtnl = TRY(kernel::real_host().rtnl(netns));
  for (const auto& n : TRY(rtnl->neighbours(addr.family())))
    if (n.addr == addr) return n.mac;
  return std::nullopt;
}

Result<> check_ethernet(EncapsulationScene& scene) {
  const auto& was = *scene.first->outer<trace::Ethernet>();
  const auto& is = *scene.next->outer<trace::Ethernet>();
  const auto host = TRY(kernel::real_host().rtnl(scene.host1.netns()));
  const auto eth0 = TRY(host->link("eth0"));
  const auto route = TRY(host->route_to(Stage::server())).route;
  const auto router = route.gateway ? TRY(resolved(scene.host1.netns(), *route.gateway)) : std::nullopt;
  scene.tell.check(
      {.holds = is.src != was.src && is.dst != was.dst && is.src == eth0.mac && is.dst == router,
       .seen = fmt::format(
           "the Ethernet header is another one: from {} to {}; host1's eth0 has {}, its next hop {} has {}",
           is.src.str(), is.dst.str(), eth0.mac.str(), route.gateway ? route.gateway->str() : "(no gateway)",
           mac_or_none(router)),
       .expected = "from host1's eth0 to the next hop",
       .look = "ip route; ip neigh"});
  return {};
}

void check_ip(EncapsulationScene& scene) {
  const auto& was = *scene.first->outer<trace::Ipv4>();
  const auto& is = *scene.next->outer<trace::Ipv4>();
  scene.tell.check(
      {.holds = is.ttl + 1 == was.ttl && is.checksum != was.checksum && is.verdict == trace::Checksum::good,
       .seen = fmt::format("one hop more: TTL {} became {}, and the header checksum that covers it 0x{:04x} "
                           "became 0x{:04x}, which is {}",
                           was.ttl, is.ttl, was.checksum, is.checksum, trace::name_of(is.verdict)),
       .expected = "a TTL one less, another good checksum",
       .look = ""});
  scene.tell.check(
      {.holds = is.src == was.src && is.dst == was.dst,
       .seen = fmt::format("the IP addresses are the same: from {} to {}", is.src.str(), is.dst.str()),
       .expected = fmt::format("from {} to {}", was.src.str(), was.dst.str()),
       .look = ""});
}

void check_bytes(EncapsulationScene& scene) {
  const auto& was = scene.first->bytes;
  const auto& is = scene.next->bytes;
  const auto ranges = differing(was, is);
  scene.tell.check(
      {.holds = was.size() == is.size() && !ranges.empty() && all_inside(ranges, kRouterChanges),
       .seen = fmt::format("byte by byte, of {} and {} bytes differ only: {}", was.size(), is.size(),
                           describe(ranges)),
       .expected = "only " + describe(kRouterChanges) + ": Ethernet addresses, TTL, header checksum",
       .look = ""});
}

}  // namespace

Result<> show_the_next_hop(EncapsulationScene& scene) {
  scene.tell.say(
      "host1 took the frame, consumed the Ethernet header, looked up the way for the IP address, and put a "
      "new Ethernet "
      "header round the same IP packet. As captured on the next link:");
  scene.tell.show(trace::boxes(*scene.next, 0, {.width = 76}));
  scene.tell.say("Compared with the first link:");
  scene.tell.show(trace::describe(trace::compare(*scene.first, *scene.next)));
  TRY(check_ethernet(scene));
  check_ip(scene);
  check_bytes(scene);
  return {};
}

}  // namespace podwire::lab
