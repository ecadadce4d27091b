#include "tests/netns/cni_shape_bench.h"

// Isolation of bridges by podwire-cni's table. What must not arrive is sent before something that does, over
// the same way: when the second is there, the first was dropped.

namespace podwire::test {
namespace {

constexpr std::uint16_t kPort = 9000;

class ShapeIsolation : public ShapeTest {
 protected:
  /// What arrives at `to` when `from` sends "direct" to its own address; "end" comes from the host, who
  /// always may.
  static std::vector<std::string> arrivals(const NetNs& from, const Node& to, Family f) {
    const UniqueFd sink = bound_in(to.ns, SOCK_DGRAM, IpAddr::any(f), kPort);
    const UniqueFd sender = socket_in(from, f, SOCK_DGRAM), host = socket_in(bench().host, f, SOCK_DGRAM);
    send_text(sender.get(), to.addr(f), kPort, "direct");
    send_text(host.get(), to.addr(f), kPort, "end");
    return texts_until(sink.get(), "end");
  }
  static void of_link(std::string_view set, const char* link) {
    bench().add(set, {.key = NftBytes().ifname(link)});
  }
  static void same(const char* link) { bench().add("same", {.key = NftBytes().ifname(link).ifname(link)}); }
  static void for_each_family(const std::function<void(Family)>& body) {
    for (const Family f : {Family::v4, Family::v6}) {
      SCOPED_TRACE(name_of(f));
      body(f);
    }
  }
};

TEST_F(ShapeIsolation, WithoutElementsNothingIsDropped) {
  for_each_family([](Family f) {
    for (const Node* from : {&bench().client, &bench().pod1, &bench().box2, &bench().box3})
      EXPECT_THAT(arrivals(from->ns, bench().box1, f), ElementsAre("direct")) << from->name;
  });
}

TEST_F(ShapeIsolation, AGuardedBridgeLetsInAnswersAndPublishedPortsOnly) {
  for (const char* bridge : {"br0", "br1"}) {
    of_link("guarded", bridge);
    same(bridge);
  }
  for_each_family([](Family f) {
    EXPECT_THAT(arrivals(bench().client.ns, bench().box1, f), ElementsAre());
    EXPECT_THAT(arrivals(bench().box3.ns, bench().box1, f), ElementsAre()) << "from another guarded bridge";
    EXPECT_THAT(arrivals(bench().box2.ns, bench().box1, f), ElementsAre("direct")) << "from its own bridge";
  });
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 8081, bench().box1);
    EXPECT_EQ(ask(bench().client.ns, protocol, host_addr(f), 8081),
              sees(bench().box1, bench().client.addr(f)));
    EXPECT_EQ(ask(bench().box1.ns, protocol, bench().client.addr(f), 80),
              sees(bench().client, bench().box1.addr(f)));
  });
}

TEST_F(ShapeIsolation, AnInternalBridgeHasNoOutside) {
  of_link("internal", "br1");
  same("br1");
  for_each_family([](Family f) {
    EXPECT_THAT(arrivals(bench().client.ns, bench().box3, f), ElementsAre());
    EXPECT_THAT(arrivals(bench().box1.ns, bench().box3, f), ElementsAre());
    EXPECT_THAT(arrivals(bench().box3.ns, bench().box1, f), ElementsAre());
    EXPECT_THAT(arrivals(bench().box3.ns, bench().client, f), ElementsAre());
    // Not even by a published port.
    bench().publish(f, IPPROTO_UDP, 8082, bench().box3);
    const UniqueFd sink = bound_in(bench().box3.ns, SOCK_DGRAM, bench().box3.addr(f), kPort);
    const UniqueFd sender = socket_in(bench().client.ns, f, SOCK_DGRAM),
                   host = socket_in(bench().host, f, SOCK_DGRAM);
    bench().add(ShapeBench::of("published", f), {.key = NftBytes().protocol(IPPROTO_UDP).port(8083),
                                                 .data = NftBytes().addr(bench().box3.addr(f)).port(kPort)});
    send_text(sender.get(), host_addr(f), 8083, "published");
    send_text(host.get(), bench().box3.addr(f), kPort, "end");
    EXPECT_THAT(texts_until(sink.get(), "end"), ElementsAre());
  });
}

TEST_F(ShapeIsolation, WithoutIccNeighboursMeetByPublishedPortsOnly) {
  of_link("no_icc", "br0");
  same("br0");
  for_each_family([](Family f) {
    EXPECT_THAT(arrivals(bench().box2.ns, bench().box1, f), ElementsAre());
    EXPECT_THAT(arrivals(bench().client.ns, bench().box1, f), ElementsAre("direct"))
        << "from elsewhere: not its matter";
  });
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 8081, bench().box1);
    EXPECT_EQ(ask(bench().box2.ns, protocol, host_addr(f), 8081), sees(bench().box1, bench().box2.addr(f)));
    EXPECT_EQ(ask(bench().box2.ns, protocol, bench().client.addr(f), 80),
              sees(bench().client, bench().box2.addr(f)));
  });
}

}  // namespace
}  // namespace podwire::test
