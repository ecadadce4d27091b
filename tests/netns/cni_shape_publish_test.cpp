#include "tests/netns/cni_shape_bench.h"

// Published ports and masquerade by podwire-cni's table, with real traffic. Who answers and under which
// address it saw the client is said by the answer itself.

namespace podwire::test {
namespace {

class ShapePublish : public ShapeTest {};

TEST_F(ShapePublish, FromOutsideTheClientsAddressIsKept) {
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 8080, bench().pod1);
    bench().publish(f, protocol, 8081, bench().box1);
    const NetNs& from = bench().client.ns;
    EXPECT_EQ(ask(from, protocol, host_addr(f), 8080), sees(bench().pod1, bench().client.addr(f)));
    EXPECT_EQ(ask(from, protocol, host_addr(f), 8081), sees(bench().box1, bench().client.addr(f)));
    // By any address of the host.
    EXPECT_EQ(ask(from, protocol, bridge_addr(f), 8080), sees(bench().pod1, bench().client.addr(f)));
  });
}

TEST_F(ShapePublish, OnOneAddressOnlyAndBeforeTheGeneralOne) {
  for_each_kind([](Family f, int protocol) {
    const auto proto = static_cast<std::uint8_t>(protocol);
    for (const std::uint16_t port : {8082, 8083})
      bench().add(ShapeBench::of("published_on", f),
                  {.key = NftBytes().addr(host_addr(f)).protocol(proto).port(port),
                   .data = NftBytes().addr(bench().pod2.addr(f)).port(80)});
    bench().publish(f, protocol, 8083, bench().pod1);
    const NetNs& from = bench().client.ns;
    EXPECT_EQ(ask(from, protocol, host_addr(f), 8082), sees(bench().pod2, bench().client.addr(f)));
    EXPECT_THAT(ask(from, protocol, bridge_addr(f), 8082), HasSubstr("Connection refused"));
    EXPECT_EQ(ask(from, protocol, host_addr(f), 8083), sees(bench().pod2, bench().client.addr(f)));
    EXPECT_EQ(ask(from, protocol, bridge_addr(f), 8083), sees(bench().pod1, bench().client.addr(f)));
  });
}

TEST_F(ShapePublish, OnlyWhatIsAddressedToTheHost) {
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 80, bench().pod1);
    EXPECT_EQ(ask(bench().client.ns, protocol, bench().pod2.addr(f), 80),
              sees(bench().pod2, bench().client.addr(f)));
  });
}

TEST_F(ShapePublish, FromTheHostByItsOwnAddress) {
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 8080, bench().pod1);
    bench().publish(f, protocol, 8081, bench().box1);
    EXPECT_EQ(ask(bench().host, protocol, host_addr(f), 8080), sees(bench().pod1, host_addr(f)));
    EXPECT_EQ(ask(bench().host, protocol, host_addr(f), 8081), sees(bench().box1, host_addr(f)));
  });
}

TEST_F(ShapePublish, AContainerReachesItselfByItsPublishedPort) {
  // On a bridge this needs a hairpin port or, as here, bridge-nf-call-iptables=0.
  bench().bridge_netfilter(false);
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 8080, bench().pod1);
    bench().publish(f, protocol, 8081, bench().box1);
    for (const Node* n : {&bench().pod1, &bench().box1})
      bench().add(ShapeBench::of("hairpin", f), {.key = NftBytes().addr(n->addr(f)).addr(n->addr(f))});
    EXPECT_EQ(ask(bench().pod1.ns, protocol, host_addr(f), 8080), sees(bench().pod1, host_addr(f)));
    EXPECT_EQ(ask(bench().box1.ns, protocol, host_addr(f), 8081), sees(bench().box1, bridge_addr(f)));
  });
}

TEST_F(ShapePublish, ANeighbourOnTheBridgeReachesAPublishedPort) {
  for (const bool bridge_netfilter : {true, false}) {
    SCOPED_TRACE(bridge_netfilter ? "bridge netfilter on" : "bridge netfilter off");
    bench().reset();
    bench().bridge_netfilter(bridge_netfilter);
    for_each_kind([](Family f, int protocol) {
      bench().publish(f, protocol, 8081, bench().box1);
      const Cidr net = Cidr(bridge_addr(f), f == Family::v4 ? 16 : 64);
      bench().add(ShapeBench::of("bridged", f), {.key = NftBytes().addr(net.first()).addr(net.first()),
                                                 .key_end = NftBytes().addr(net.last()).addr(net.last())});
      EXPECT_EQ(ask(bench().box2.ns, protocol, host_addr(f), 8081), sees(bench().box1, bridge_addr(f)));
    });
  }
}

TEST_F(ShapePublish, ClientsAreMasqueradedWhereAskedFor) {
  for_each_kind([](Family f, int protocol) {
    bench().publish(f, protocol, 8081, bench().box1);
    bench().add(ShapeBench::of("masq_published", f), {.key = NftBytes().addr(bench().box1.addr(f))});
    EXPECT_EQ(ask(bench().client.ns, protocol, host_addr(f), 8081), sees(bench().box1, bridge_addr(f)));
    // Only what was published is: the same container by its own address still sees the client.
    EXPECT_EQ(ask(bench().client.ns, protocol, bench().box1.addr(f), 80),
              sees(bench().box1, bench().client.addr(f)));
  });
}

TEST_F(ShapePublish, MasqueradeToTheOutsideAndNotInside) {
  for_each_kind([](Family f, int protocol) {
    for (const Node* n : {&bench().pod1, &bench().box1}) {
      bench().add(ShapeBench::of("masq", f), {.key = NftBytes().addr(n->addr(f))});
      const Cidr net = Cidr(n->addr(f), f == Family::v4 ? 16 : 64);
      bench().add(ShapeBench::of("inside", f), {.key = NftBytes().addr(net.first()).addr(net.first()),
                                                .key_end = NftBytes().addr(net.last()).addr(net.last())});
    }
    const IpAddr outside = bench().client.addr(f);
    EXPECT_EQ(ask(bench().pod1.ns, protocol, outside, 80), sees(bench().client, host_addr(f)));
    EXPECT_EQ(ask(bench().box1.ns, protocol, outside, 80), sees(bench().client, host_addr(f)));
    EXPECT_EQ(ask(bench().pod1.ns, protocol, bench().pod2.addr(f), 80),
              sees(bench().pod2, bench().pod1.addr(f)));
    EXPECT_EQ(ask(bench().box1.ns, protocol, bench().box2.addr(f), 80),
              sees(bench().box2, bench().box1.addr(f)));
    // Who is not in the set keeps its address, outside too.
    EXPECT_EQ(ask(bench().pod2.ns, protocol, outside, 80), sees(bench().client, bench().pod2.addr(f)));
  });
}

TEST_F(ShapePublish, LoadingAgainKeepsTheElementsAndAddsNoRule) {
  bench().publish(Family::v4, IPPROTO_TCP, 8080, bench().pod1);
  bench().publish(Family::v6, IPPROTO_TCP, 8080, bench().pod1);
  const auto listing = [] { return run_in(bench().host, {"nft", "list", "ruleset"}); };
  const std::string before = listing();
  EXPECT_THAT(before, HasSubstr("tcp . 8080 : 10.244.0.2 . 80"));
  ASSERT_TRUE(bench().nft->load_shape(cni::nft_shape()));
  EXPECT_EQ(listing(), before);
}

}  // namespace
}  // namespace podwire::test
