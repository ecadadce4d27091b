#include "kernel/rtnl/bridge.h"
#include "kernel/sysctl/open.h"
#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {
using kernel::BridgeWanted;
using kernel::ensure_bridge;
using testing::AllOf;
using testing::HasSubstr;

class EnsureBridge : public TwoNamespaces {
 protected:
  void SetUp() override {
    TwoNamespaces::SetUp();
    if (!IsSkipped()) sysctl_ = must(kernel::open_sysctl(host().ns()));
  }
  Result<state::Link> ensure(const BridgeWanted& wanted) {
    return ensure_bridge(host().rtnl(), *sysctl_, wanted);
  }
  std::vector<Cidr> addresses() {
    std::vector<Cidr> out;
    for (const auto& a : must(host()->addresses({}, must(host()->link("br0")).index))) {
      EXPECT_FALSE(a.scope == state::Scope::global && a.tentative) << a.cidr.str();
      if (a.scope == state::Scope::global) out.push_back(a.cidr);
    }
    return out;
  }
  static BridgeWanted wanted(std::vector<Cidr> gateways = {}) {
    return {.spec = {.name = "br0", .mac = mac("02:aa:00:00:00:01")}, .gateways = std::move(gateways)};
  }
  std::unique_ptr<kernel::Sysctl> sysctl_;
};

TEST_F(EnsureBridge, FromNothingToBothFamilies) {
  const std::vector gateways{cidr("10.88.0.1/16"), cidr("fd88::1/64")};
  const auto bridge = must(ensure(wanted(gateways)));
  EXPECT_TRUE(bridge.up);
  EXPECT_EQ(bridge.mac, mac("02:aa:00:00:00:01"));
  EXPECT_THAT(addresses(), testing::UnorderedElementsAreArray(gateways));
  EXPECT_EQ(must(sysctl_->get("net/ipv4/conf/br0/arp_notify")), "1");
  EXPECT_EQ(must(sysctl_->get("net/ipv6/conf/br0/accept_ra")), "0");
}

TEST_F(EnsureBridge, AgainChangesNothing) {
  const auto w = wanted({cidr("10.88.0.1/16"), cidr("fd88::1/64")});
  const auto first = must(ensure(w));
  const auto second = must(ensure(w));
  EXPECT_EQ(first.index, second.index);
  EXPECT_EQ(first.mac, second.mac);
  EXPECT_THAT(addresses(), testing::UnorderedElementsAreArray(w.gateways));
}

TEST_F(EnsureBridge, WithoutAMacItKeepsTheOneItStartsWith) {
  auto w = wanted();
  w.spec.mac.reset();
  const auto before = must(ensure(w)).mac;
  const int port = veth();
  must(host()->change_link(port, {.mac = mac("02:00:00:00:00:01")}));
  must(host()->change_link(port, {.master_index = must(host()->link("br0")).index}));
  EXPECT_EQ(must(host()->link("br0")).mac, before);
}

TEST_F(EnsureBridge, TurnsIPv6OnWhereItWasOff) {
  must(sysctl_->set("net/ipv6/conf/default/disable_ipv6", "1"));
  must(ensure(wanted({cidr("fd88::1/64")})));
  EXPECT_THAT(addresses(), testing::ElementsAre(cidr("fd88::1/64")));
}

TEST_F(EnsureBridge, SeveralGatewaysOfOneFamily) {
  const auto w = wanted({cidr("10.88.0.1/16"), cidr("10.99.0.1/24")});
  must(ensure(w));
  must(ensure(w));
  EXPECT_THAT(addresses(), testing::UnorderedElementsAreArray(w.gateways));
}

TEST_F(EnsureBridge, AnotherAddressIsRefusedOrReplaced) {
  must(ensure(wanted({cidr("10.88.0.1/16")})));
  auto w = wanted({cidr("10.99.0.1/24")});
  const auto refused = ensure(w);
  EXPECT_EQ(errno_of(refused), EEXIST);
  EXPECT_THAT(refused.error().message(),
              AllOf(HasSubstr("10.88.0.1/16"), HasSubstr("10.99.0.1/24"), HasSubstr("br0")));
  EXPECT_THAT(addresses(), testing::ElementsAre(cidr("10.88.0.1/16")));
  w.replace_addresses = true;
  must(ensure(w));
  EXPECT_THAT(addresses(), testing::ElementsAre(cidr("10.99.0.1/24")));
}

TEST_F(EnsureBridge, IPv6NetworksLiveSideBySideUnlessTheyOverlap) {
  must(ensure(wanted({cidr("fd88::1/64")})));
  must(ensure(wanted({cidr("fd99::1/64")})));
  EXPECT_THAT(addresses(), testing::UnorderedElementsAre(cidr("fd88::1/64"), cidr("fd99::1/64")));
  EXPECT_EQ(errno_of(ensure(wanted({cidr("fd88::2/64")}))), EEXIST);
}

TEST_F(EnsureBridge, ALinkOfAnotherKind) {
  must(host()->create_plain("ifb", "br0"));
  const auto refused = ensure(wanted());
  EXPECT_EQ(errno_of(refused), EEXIST);
  EXPECT_THAT(refused.error().message(), HasSubstr("kind \"ifb\""));
}

TEST_F(EnsureBridge, PromiscuousAndLargeFrames) {
  auto w = wanted();
  w.promisc = true;
  w.spec.mtu = 9000;
  const auto bridge = must(ensure(w));
  EXPECT_TRUE(bridge.promisc);
  EXPECT_EQ(bridge.mtu, 9000u);
}

}  // namespace
}  // namespace podwire::test
