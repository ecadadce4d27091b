#include <set>

#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {
using kernel::Existing;
using state::Route;
using state::RouteProtocol;
using state::RouteType;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Names {
  const char* name;
  Family family;
  const char *own, *gateway, *target, *network, *onlink_gateway;
};

void PrintTo(const Names& names, std::ostream* out) { *out << names.name; }

/// The host has address `own` on a veth to the pod.
class RtnlRoutes : public TwoNamespaces, public testing::WithParamInterface<Names> {
 protected:
  void SetUp() override {
    TwoNamespaces::SetUp();
    if (IsSkipped()) return;
    index_ = veth();
    must(host()->add_address({.link_index = index_, .cidr = cidr(p().own), .no_dad = true}));
  }
  static const Names& p() { return GetParam(); }
  Route via_gateway() const {
    return {.dst = cidr(p().network), .gateway = addr(p().gateway), .link_index = index_};
  }
  /// As the kernel gives a route back: what it fills in by itself.
  static Route as_read(Route r) {
    if (r.dst.family() == Family::v6 && r.metric == 0) r.metric = 1024;
    return r;
  }
  std::vector<Route> ours(std::uint32_t table = 254) {
    auto all = must(host()->routes(p().family, table));
    std::erase_if(all, [](const Route& r) { return r.protocol != RouteProtocol::podwire; });
    return all;
  }
  int index_ = 0;
};

TEST_P(RtnlRoutes, AddListDelete) {
  must(host()->add_route(via_gateway()));
  EXPECT_THAT(ours(), ElementsAre(as_read(via_gateway())));
  EXPECT_THAT(must(host()->routes()), Contains(as_read(via_gateway()))) << "both families in one list";
  const auto flag = p().family == Family::v4 ? "-4" : "-6";
  EXPECT_THAT(host().run({"ip", flag, "route", "show", p().network}),
              HasSubstr(std::string("via ") + p().gateway));
  must(host()->delete_route(via_gateway()));
  EXPECT_THAT(ours(), IsEmpty());
  const auto again = host()->delete_route(via_gateway());
  EXPECT_EQ(errno_of(again), ESRCH);
  EXPECT_THAT(again.error().message(), HasSubstr(std::string("delete route ") + p().network));
}

TEST_P(RtnlRoutes, TwiceIsRefusedUnlessReplaced) {
  must(host()->add_route(via_gateway()));
  EXPECT_EQ(errno_of(host()->add_route(via_gateway())), EEXIST);
  auto changed = via_gateway();
  changed.mtu = 1400;
  must(host()->add_route(changed, Existing::replace));
  EXPECT_THAT(ours(), ElementsAre(as_read(changed)));
}

TEST_P(RtnlRoutes, EveryProperty) {
  auto r = via_gateway();
  r.source = cidr(p().own).addr();
  r.metric = 77;
  r.mtu = 1380;
  r.advmss = 1300;
  must(host()->add_route(r));
  EXPECT_THAT(ours(), ElementsAre(r));
}

TEST_P(RtnlRoutes, OnlinkGatewayThatNoRouteCovers) {
  Route r{.dst = Cidr::everything(p().family), .gateway = addr(p().onlink_gateway), .link_index = index_};
  const auto refused = host()->add_route(r);
  EXPECT_TRUE(errno_of(refused) == ENETUNREACH || errno_of(refused) == EHOSTUNREACH) << errno_of(refused);
  if (p().family == Family::v4) EXPECT_THAT(refused.error().detail, HasSubstr("invalid gateway"));
  r.onlink = true;
  must(host()->add_route(r));
  EXPECT_THAT(ours(), ElementsAre(as_read(r)));
}

TEST_P(RtnlRoutes, DeviceRouteWithoutGateway) {
  Route r{.dst = cidr(p().network), .link_index = index_};
  if (p().family == Family::v4) r.scope = state::Scope::link;
  must(host()->add_route(r));
  EXPECT_THAT(ours(), ElementsAre(as_read(r)));
}

TEST_P(RtnlRoutes, TablesAbove255) {
  auto r = via_gateway();
  r.table = 1'000'000;
  EXPECT_THAT(ours(r.table), IsEmpty()) << "a table that is not there yet has no routes";
  must(host()->add_route(r));
  EXPECT_THAT(ours(), IsEmpty());
  EXPECT_THAT(ours(r.table), ElementsAre(as_read(r)));
  EXPECT_THAT(ours(0), ElementsAre(as_read(r)));
  EXPECT_THAT(must(host()->routes({}, r.table)), ElementsAre(as_read(r)));
  must(host()->delete_route(r));
  EXPECT_THAT(ours(0), IsEmpty());
}

TEST_P(RtnlRoutes, RoutesThatRefuse) {
  for (const auto type : {RouteType::blackhole, RouteType::unreachable, RouteType::prohibit}) {
    const Route r{.dst = cidr(p().network), .type = type};
    must(host()->add_route(r));
    EXPECT_THAT(ours(), ElementsAre(as_read(r)));
    must(host()->delete_route(r));
  }
}

TEST_P(RtnlRoutes, WhichRouteAPacketTakes) {
  must(host()->add_route(via_gateway()));
  const auto answer = must(host()->route_to(addr(p().target)));
  EXPECT_EQ(answer.route.dst, Cidr::host(addr(p().target))) << "a clone for this destination alone";
  EXPECT_EQ(answer.route.gateway, addr(p().gateway));
  EXPECT_EQ(answer.route.link_index, index_);
  EXPECT_EQ(answer.preferred_source, cidr(p().own).addr());
  EXPECT_EQ(answer.route.table, 254u);
  const auto matched = must(host()->route_to(addr(p().target), true));
  EXPECT_EQ(matched.route, as_read(via_gateway()));
}

TEST_P(RtnlRoutes, LoopbackIsLocal) {
  const auto answer = must(host()->route_to(addr(p().family == Family::v4 ? "127.0.0.1" : "::1")));
  EXPECT_EQ(answer.route.type, RouteType::local);
  EXPECT_EQ(answer.route.link_index, 1);
}

TEST_P(RtnlRoutes, NoRouteAtAll) {
  for (const bool fib_match : {false, true}) {
    const auto none = host()->route_to(addr(p().target), fib_match);
    EXPECT_EQ(errno_of(none), ENETUNREACH);
    EXPECT_THAT(none.error().message(), HasSubstr(std::string("find route to ") + p().target));
  }
}

TEST_P(RtnlRoutes, ThousandsInOneList) {
  constexpr int kCount = 3000;
  const auto base =
      IpAddr::any(p().family).value() + (p().family == Family::v4 ? u128{11} << 24 : u128{0xfd11} << 112);
  for (int i = 0; i < kCount; ++i) {
    const auto dst = Cidr::host(IpAddr::from_value(p().family, base + static_cast<unsigned>(i)));
    must(host()->add_route({.dst = dst, .gateway = addr(p().gateway), .link_index = index_}));
  }
  std::set<Cidr> seen;
  for (const auto& r : ours()) seen.insert(r.dst);
  EXPECT_EQ(seen.size(), kCount);
  EXPECT_EQ(ours().size(), kCount) << "each once";
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, RtnlRoutes,
                         testing::Values(Names{"v4", Family::v4, "10.0.0.1/24", "10.0.0.2", "10.9.0.7",
                                               "10.9.0.0/16", "169.254.1.1"},
                                         Names{"v6", Family::v6, "fd00::1/64", "fd00::2", "fd09::7",
                                               "fd09::/16", "2001:db8::1"}),
                         [](const auto& info) { return std::string(info.param.name); });

class RtnlMixedRoutes : public TwoNamespaces {};

TEST_F(RtnlMixedRoutes, AnIPv4NetworkBehindAnIPv6Gateway) {
  const int index = veth();
  must(host()->add_address({.link_index = index, .cidr = cidr("fd00::1/64"), .no_dad = true}));
  const Route r{.dst = cidr("10.9.0.0/16"), .gateway = addr("fd00::2"), .link_index = index};
  must(host()->add_route(r));
  EXPECT_THAT(must(host()->routes(Family::v4)), Contains(r));
  must(host()->delete_route(r));
}

TEST_F(RtnlMixedRoutes, ASourceOfTheOtherFamilyIsRefused) {
  const Route r{.dst = cidr("10.9.0.0/16"), .link_index = veth(), .source = addr("fd00::1")};
  const auto refused = host()->add_route(r);
  EXPECT_EQ(errno_of(refused), EINVAL);
  EXPECT_THAT(refused.error().message(), HasSubstr("of another family"));
}

TEST_F(RtnlMixedRoutes, OthersRoutesWithSeveralNextHopsShowTheFirst) {
  const int index = veth();
  must(host()->add_address({.link_index = index, .cidr = cidr("10.0.0.1/24")}));
  host().run(
      {"ip", "route", "add", "10.9.0.0/16", "nexthop", "via", "10.0.0.2", "nexthop", "via", "10.0.0.3"});
  EXPECT_THAT(must(host()->routes(Family::v4)), Contains(Route{.dst = cidr("10.9.0.0/16"),
                                                               .gateway = addr("10.0.0.2"),
                                                               .link_index = index,
                                                               .protocol = RouteProtocol::boot}));
}

}  // namespace
}  // namespace podwire::test
