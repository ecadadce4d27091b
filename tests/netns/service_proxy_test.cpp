// Services with real packets: what plan/service_tables says is written into a host's kernel, and clients on
// all sides ask. Who answers, and under which address he saw the client, is in the answer.
#include "apply/service_affinity.h"
#include "apply/service_applier.h"
#include "kernel/conntrack/open.h"
#include "plan/service_tables.h"
#include "plan/service_testing.h"
#include "tests/netns/cni_shape_bench.h"

namespace podwire::test {
namespace {

using plan::testing::service;

/// ShapeBench's host as a node: pod1 and pod2 are its pods, client is outside.
class ServicePackets : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (::geteuid() != 0) return;
    net_ = std::make_unique<ShapeBench>();
    // The kernel sends few refusals a second to one client; the tests ask more often.
    set_sysctl(net_->host, "net/ipv4/icmp_ratelimit", "0");
    set_sysctl(net_->host, "net/ipv6/icmp/ratelimit", "0");
    ip_in(net_->host, "route add default via 10.9.0.2\nroute add default via fd09::2\n");
  }
  static void TearDownTestSuite() { net_.reset(); }
  void SetUp() override {
    if (!net_) GTEST_SKIP() << "needs root: makes network namespaces";
    ASSERT_TRUE(net().nft->delete_table(state::NftFamily::inet, "podwire"));
    ASSERT_TRUE(net().nft->delete_table(state::NftFamily::inet, "podwire-cni"));
    ASSERT_TRUE(net().conntrack->remove({}));
    tables_.set_site({.service_cidrs = {cidr("10.96.0.0/12"), cidr("fd96::/112")},
                      .pod_cidrs = {cidr("10.244.0.0/16"), cidr("fd44::/64")},
                      .node_port_addresses = {host(Family::v4), host(Family::v6)}});
  }

  static ShapeBench& net() { return *net_; }
  static Cidr cidr(const std::string& text) { return Cidr::parse(text).value(); }
  static IpAddr host(Family f) { return f == Family::v4 ? ip("10.9.0.1") : ip("fd09::1"); }
  static IpAddr vip(Family f) { return f == Family::v4 ? ip("10.96.0.7") : ip("fd96::7"); }
  static IpAddr balancer(Family f) { return f == Family::v4 ? ip("192.0.2.7") : ip("2001:db8::7"); }

  /// A Service of both families, TCP and UDP, on port 80.
  static kube::Service web() {
    auto out = service("web", {"10.96.0.7", "fd96::7"});
    out.ports[0].name = "tcp";
    out.ports.push_back({.name = "udp", .protocol = "UDP", .port = 80});
    return out;
  }
  /// Slices of both families with these pods, port 80.
  static std::vector<kube::EndpointSlice> behind(
      const std::vector<std::pair<const Node*, std::string>>& pods) {
    std::vector<kube::EndpointSlice> out;
    for (const auto f : {Family::v4, Family::v6}) {
      std::vector<std::string> endpoints;
      for (const auto& [pod, mark] : pods) endpoints.push_back(pod->addr(f).str() + mark);
      auto slice = plan::testing::slice("web", endpoints, 80, "tcp");
      slice.address_type = name_of(f);
      slice.ports.push_back({.name = "udp", .protocol = "UDP", .port = 80});
      out.push_back(std::move(slice));
    }
    return out;
  }
  static std::vector<kube::EndpointSlice> both() {
    return behind({{&net().pod1, "@node1"}, {&net().pod2, "@node1"}});
  }
  static std::vector<kube::EndpointSlice> second() { return behind({{&net().pod2, "@node1"}}); }
  static std::vector<kube::EndpointSlice> elsewhere() { return behind({{&net().pod2, "@node2"}}); }

  void hold(const kube::Service& s, const std::vector<kube::EndpointSlice>& slices) {
    auto options = plan::testing::on_node("node1");
    options.node_addresses = {host(Family::v4), host(Family::v6)};
    tables_.set({1, "default/" + s.meta.name}, plan::testing::planned(s, slices, options));
    std::vector<std::pair<std::string, std::string>> chains;
    for (const auto& chain : tables_.chains()) chains.emplace_back(chain, plan::chain_text(chain));
    const auto held = applier_.hold(tables_.wanted(), chains);
    ASSERT_TRUE(held) << held.error().message();
    const auto followed = apply::follow_affinity(*net().nft, *held);
    ASSERT_TRUE(followed) << followed.error().message();
    ASSERT_TRUE(net().conntrack->remove({}));
  }

  static std::string sees(const Node& who, const IpAddr& client) {
    return who.name + " sees " + client.str();
  }
  static void each(const std::function<void(Family, int)>& test) {
    for (const auto f : {Family::v4, Family::v6})
      for (const int protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
        SCOPED_TRACE(std::string(name_of(f)) + (protocol == IPPROTO_TCP ? " TCP" : " UDP"));
        test(f, protocol);
      }
  }

  /// A datagram that the own host refuses is refused when it is sent.
  static ::testing::Matcher<std::string> is_refused(int protocol) {
    return HasSubstr(protocol == IPPROTO_TCP ? "Connection refused" : "Operation not permitted");
  }

  plan::ServiceTables tables_;
  apply::ServiceApplier applier_{*net().nft};

 private:
  static std::unique_ptr<ShapeBench> net_;
};
std::unique_ptr<ShapeBench> ServicePackets::net_;

TEST_F(ServicePackets, APodReachesAllEndpointsUnderItsOwnAddress) {
  hold(web(), both());
  each([](Family f, int protocol) {
    std::set<std::string> answers;
    for (int i = 0; i < 60; ++i) answers.insert(ask(net().pod1.ns, protocol, vip(f), 80));
    // Itself it reaches under the node's address: its own would be answered past the node.
    const IpAddr node = f == Family::v4 ? IpAddr::parse("10.9.0.1").value() : host(f);
    EXPECT_THAT(answers, ::testing::Contains(sees(net().pod2, net().pod1.addr(f))));
    EXPECT_EQ(answers.size(), 2U) << *answers.begin() << ", " << *answers.rbegin() << ", node " << node.str();
    EXPECT_THAT(answers, ::testing::Not(::testing::Contains(sees(net().pod1, net().pod1.addr(f)))));
  });
}

TEST_F(ServicePackets, TheNodeItself) {
  hold(web(), second());
  each([](Family f, int protocol) {
    EXPECT_THAT(ask(net().host, protocol, vip(f), 80), HasSubstr("pod2 sees "));
  });
}

TEST_F(ServicePackets, ANodePortIsForOutsideAndMasquerades) {
  auto s = web();
  s.ports[0].node_port = s.ports[1].node_port = 30080;
  hold(s, second());
  each([](Family f, int protocol) {
    EXPECT_THAT(ask(net().client.ns, protocol, host(f), 30080), HasSubstr("pod2 sees "));
    EXPECT_NE(ask(net().client.ns, protocol, host(f), 30080), sees(net().pod2, net().client.addr(f)));
  });
}

TEST_F(ServicePackets, TrafficPolicyLocalKeepsTheClientsAddress) {
  auto s = web();
  s.external_traffic_policy = "Local";
  s.ports[0].node_port = s.ports[1].node_port = 30080;
  hold(s, second());
  each([](Family f, int protocol) {
    EXPECT_EQ(ask(net().client.ns, protocol, host(f), 30080), sees(net().pod2, net().client.addr(f)));
  });
}

TEST_F(ServicePackets, PodsAndTheNodeAreNoExternalTraffic) {
  auto s = web();
  s.external_traffic_policy = "Local";
  s.ports[0].node_port = s.ports[1].node_port = 30080;
  hold(s, elsewhere());
  each([](Family f, int protocol) {
    EXPECT_EQ(ask(net().pod1.ns, protocol, host(f), 30080), sees(net().pod2, net().pod1.addr(f)));
    EXPECT_THAT(ask(net().host, protocol, host(f), 30080), HasSubstr("pod2 sees "));
  });
}

TEST_F(ServicePackets, WithoutEndpointsItIsRefusedAtOnce) {
  auto s = web();
  s.ports[0].node_port = s.ports[1].node_port = 30080;
  hold(s, {});
  each([](Family f, int protocol) {
    EXPECT_THAT(ask(net().pod1.ns, protocol, vip(f), 80), HasSubstr("Connection refused"));
    EXPECT_THAT(ask(net().host, protocol, vip(f), 80), is_refused(protocol));
    EXPECT_THAT(ask(net().client.ns, protocol, host(f), 30080), HasSubstr("Connection refused"));
  });
}

TEST_F(ServicePackets, AClusterIpsOtherPortsAreClosed) {
  hold(web(), second());
  each([](Family f, int protocol) {
    EXPECT_THAT(ask(net().pod1.ns, protocol, vip(f), 81), HasSubstr("Connection refused"));
    EXPECT_THAT(ask(net().host, protocol, vip(f), 81), is_refused(protocol));
  });
}

TEST_F(ServicePackets, AClusterIpAnswersPing) {
  hold(web(), second());
  for (const auto f : {Family::v4, Family::v6})
    EXPECT_THAT(run_in(net().pod1.ns, {"ping", "-c1", "-W5", vip(f).str()}), HasSubstr("1 received"))
        << name_of(f);
}

TEST_F(ServicePackets, ABalancersAddressIsForThoseWhoAreAdmitted) {
  auto s = web();
  s.type = "LoadBalancer";
  s.load_balancer_ips = {balancer(Family::v4), balancer(Family::v6)};
  s.source_ranges = {Cidr::host(net().client.v4), Cidr::host(net().client.v6)};
  hold(s, second());
  each([](Family f, int protocol) {
    EXPECT_THAT(ask(net().client.ns, protocol, balancer(f), 80), HasSubstr("pod2 sees "));
  });
  // Who is dropped waits for nothing: one try is enough to see that no answer comes at once.
  for (const auto f : {Family::v4, Family::v6}) {
    const auto socket = socket_in(net().box1.ns, f, SOCK_DGRAM);
    const SocketAddress to(balancer(f), 80);
    ASSERT_EQ(::connect(socket.raw(), to.raw(), to.size), 0);
    ASSERT_EQ(::write(socket.raw(), "?", 1), 1);
    EXPECT_FALSE(readable(socket.get(), std::chrono::milliseconds(300))) << name_of(f);
  }
}

TEST_F(ServicePackets, AffinityHoldsAClient) {
  auto s = web();
  s.affinity_seconds = 600;
  hold(s, both());
  for (const auto f : {Family::v4, Family::v6}) {
    const auto first = ask(net().host, IPPROTO_TCP, vip(f), 80);
    EXPECT_THAT(first, HasSubstr(" sees "));
    for (int i = 0; i < 30; ++i) EXPECT_EQ(ask(net().host, IPPROTO_TCP, vip(f), 80), first);
  }
}

TEST_F(ServicePackets, AffinityFollowsTheEndpointAndNotTheSlot) {
  auto s = web();
  s.affinity_seconds = 600;
  // Until a client has the second endpoint: each time the memory is a new one.
  std::string first;
  for (int i = 0; i < 40 && first.find("pod2") == std::string::npos; ++i) {
    ASSERT_TRUE(net().nft->delete_table(state::NftFamily::inet, "podwire"));
    hold(s, both());
    first = ask(net().host, IPPROTO_TCP, vip(Family::v4), 80);
  }
  ASSERT_THAT(first, HasSubstr("pod2 sees "));
  hold(s, second());
  EXPECT_EQ(ask(net().host, IPPROTO_TCP, vip(Family::v4), 80), first)
      << "its endpoint is in the first slot now";
  hold(s, both());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(net().host, IPPROTO_TCP, vip(Family::v4), 80), first);
  hold(s, behind({{&net().pod1, "@node1"}}));
  EXPECT_THAT(ask(net().host, IPPROTO_TCP, vip(Family::v4), 80), HasSubstr("pod1 sees "))
      << "its endpoint is gone";
}

TEST_F(ServicePackets, WhatTheKernelRefusesOfOneServiceKeepsNoOtherFromBeingServed) {
  hold(web(), second());
  const auto there = applier_.read();
  ASSERT_TRUE(there);
  auto good = there->at("vips4").front(), bad = good;
  good.key = plan::frontend_key({.address = ip("10.96.0.9"), .port = 80});
  good.comment = "default/good";
  bad.key = NftBytes().addr(ip("10.96.0.10"));  // half of a key
  bad.comment = "default/bad";
  const auto done = applier_.apply({.remove = {}, .add = {{"vips4", {bad, good}}}, .chains = {}});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message(), HasSubstr("program Service default/bad"));
  EXPECT_THAT(ask(net().pod1.ns, IPPROTO_TCP, ip("10.96.0.9"), 80), HasSubstr(" sees "));
}

TEST_F(ServicePackets, WithoutAClusterCidrNobodyOutsideCountsAsAPod) {
  tables_.set_site(
      {.service_cidrs = {}, .pod_cidrs = {}, .node_port_addresses = {host(Family::v4), host(Family::v6)}});
  auto s = web();
  s.external_traffic_policy = "Local";
  s.ports[0].node_port = s.ports[1].node_port = 30080;
  hold(s, elsewhere());
  for (const auto f : {Family::v4, Family::v6}) {
    const auto socket = socket_in(net().client.ns, f, SOCK_DGRAM);
    const SocketAddress to(host(f), 30080);
    ASSERT_EQ(::connect(socket.raw(), to.raw(), to.size), 0);
    ASSERT_EQ(::write(socket.raw(), "?", 1), 1);
    EXPECT_FALSE(readable(socket.get(), std::chrono::milliseconds(300))) << name_of(f);
  }
  hold(s, second());
  EXPECT_EQ(ask(net().client.ns, IPPROTO_TCP, host(Family::v4), 30080), sees(net().pod2, net().client.v4));
}

TEST_F(ServicePackets, NoMarkIsLeftOnAConnection) {
  hold(web(), second());
  EXPECT_THAT(ask(net().pod1.ns, IPPROTO_TCP, vip(Family::v4), 80), HasSubstr("pod2 sees "));
  const auto flows = net().conntrack->flows({.original_dst = vip(Family::v4)});
  ASSERT_TRUE(flows);
  ASSERT_FALSE(flows->empty());
  for (const auto& flow : *flows) EXPECT_EQ(flow.mark, 0U);
}

TEST_F(ServicePackets, WhatIsThereIsLeftAndWhatIsGoneComesBack) {
  hold(web(), both());
  const auto again = [&] {
    std::vector<std::pair<std::string, std::string>> chains;
    for (const auto& chain : tables_.chains()) chains.emplace_back(chain, plan::chain_text(chain));
    const auto held = applier_.hold(tables_.wanted(), chains);
    EXPECT_TRUE(held) << held.error().message();
    return held ? held->size() : 0;
  };
  EXPECT_EQ(again(), 0U);
  apply::ServiceApplier another(*net().nft);  // as after a restart
  const auto there = another.read();
  ASSERT_TRUE(there);
  plan::ServiceTables fresh;
  fresh.adopt(*there);
  fresh.set({1, "default/web"}, plan::testing::planned(web(), both()));
  for (const auto* set : {"vips4", "vips6", "endpoints4", "endpoints6", "classes"})
    EXPECT_EQ(fresh.wanted().at(set), tables_.wanted().at(set)) << set << ": other numbers than before";
  ASSERT_TRUE(net().nft->delete_table(state::NftFamily::inet, "podwire"));
  EXPECT_GT(again(), 0U);
  EXPECT_THAT(ask(net().pod1.ns, IPPROTO_TCP, vip(Family::v4), 80), HasSubstr(" sees "));
}

}  // namespace
}  // namespace podwire::test
