#include "tests/netns/twin_kernels.h"

namespace podwire::test {
namespace {

/// "up" is up and has carrier, "bare" is up without carrier, "down" is down; lo is up.
class FakeIpConformance : public TwinKernels {
 protected:
  void SetUp() override {
    TwinKernels::SetUp();
    const auto pair = [&](const char* name, const char* peer, bool up) {
      both(name,
           [&](Side& s) { return s.rtnl->create_veth({.name = name, .up = up}, {.name = peer}, *s.pod); });
    };
    pair("up", "eth0", true);
    pair("bare", "eth1", true);
    pair("down", "eth2", false);
    both("peer up", [](Side& s) { return s.pod_rtnl->change_link(s.pod_index("eth0"), {.up = true}); });
    both("lo up", [](Side& s) { return s.rtnl->change_link(1, {.up = true}); });
  }
  void add(const char* link, const char* text, Existing existing = Existing::fail) {
    same(fmt::format("add {} to {}", text, link).c_str(),
         [&](Side& s) { return s.rtnl->add_address(s.address(link, text), existing); });
  }
  void remove(const char* link, const char* text) {
    same(fmt::format("delete {} of {}", text, link).c_str(),
         [&](Side& s) { return s.rtnl->delete_address(s.address(link, text)); });
  }
  /// A route by texts; "" is not set.
  struct R {
    const char *dst, *via = "", *link = "", *source = "";
    bool onlink = false;
    std::uint32_t metric = 0, table = 254;
    state::Scope scope = state::Scope::global;
    state::RouteType type = state::RouteType::unicast;
    state::RouteProtocol protocol = state::RouteProtocol::podwire;
  };
  static state::Route route(const Side& s, const R& r) {
    state::Route out{.dst = cidr(r.dst),
                     .table = r.table,
                     .type = r.type,
                     .protocol = r.protocol,
                     .scope = r.scope,
                     .metric = r.metric,
                     .onlink = r.onlink};
    if (*r.via != 0) out.gateway = ip(r.via);
    if (*r.link != 0) out.link_index = s.index(r.link);
    if (*r.source != 0) out.source = ip(r.source);
    return out;
  }
  static std::string text(const R& r) {
    return fmt::format("{} via '{}' dev '{}' src '{}'", r.dst, r.via, r.link, r.source);
  }
  void route_add(const R& r, Existing existing = Existing::fail) {
    same(("add route " + text(r)).c_str(), [&](Side& s) { return s.rtnl->add_route(route(s, r), existing); });
  }
  void route_remove(const R& r) {
    same(("delete route " + text(r)).c_str(), [&](Side& s) { return s.rtnl->delete_route(route(s, r)); });
  }
};

TEST_F(FakeIpConformance, AddressesComeAndGo) {
  for (const char* link : {"up", "bare", "down", "lo", "nosuch"})
    for (const char* text : {"10.0.0.1/24", "10.0.0.1/24", "10.0.0.1/16", "10.0.0.2/24", "10.1.0.1/32",
                             "10.2.0.1/31", "10.3.0.1/30", "2001:db8::1/64", "2001:db8::1/64",
                             "2001:db8::1/80", "2001:db8::2/64", "2001:db8:5::1/128"})
      add(link, text);
  expect_same_state("with addresses");
  for (const char* link : {"up", "bare", "down", "lo", "nosuch"})
    for (const char* text :
         {"10.0.0.9/24", "10.0.0.1/25", "10.0.0.1/24", "10.0.0.2/24", "10.1.0.1/32", "2001:db8::9/64",
          "2001:db8::1/80", "2001:db8::1/64", "2001:db8::1/64", "10.0.0.1/16"}) {
      remove(link, text);
      if (std::string_view(link) == "up") expect_same_state(text);
    }
  expect_same_state("at the end");
}

TEST_F(FakeIpConformance, AddressesThatAreRefused) {
  for (const char* text : {"0.0.0.0/0", "127.0.0.1/8", "255.255.255.255/32", "224.0.0.1/4", "::/128",
                           "::1/128", "ff02::1/128", "0.0.0.0/8"})
    for (const char* link : {"up", "lo"}) add(link, text);
}

TEST_F(FakeIpConformance, ReplaceIsAddWhereThereIsNone) {
  add("up", "10.0.0.1/24", Existing::replace);
  add("up", "10.0.0.1/24", Existing::replace);
  add("up", "2001:db8::1/64", Existing::replace);
  add("up", "2001:db8::1/64", Existing::replace);
  add("up", "2001:db8::1/80", Existing::replace);
  expect_same_state("after replacing");
}

TEST_F(FakeIpConformance, LinksGoDownAndUp) {
  for (const char* text : {"10.0.0.1/24", "10.0.0.2/24", "10.1.0.1/32", "2001:db8::1/64"}) add("up", text);
  route_add({.dst = "10.9.0.0/16", .via = "10.0.0.9"});
  route_add({.dst = "2001:db8:9::/48", .via = "2001:db8::9"});
  both("neighbour", [](Side& s) {
    return s.rtnl->set_neighbour(
        {.link_index = s.index("up"), .addr = ip("10.0.0.9"), .mac = mac("02:00:00:00:00:09")});
  });
  expect_same_state("up");
  both("down", [](Side& s) { return s.rtnl->change_link(s.index("up"), {.up = false}); });
  expect_same_state("down");
  both("up", [](Side& s) { return s.rtnl->change_link(s.index("up"), {.up = true}); });
  expect_same_state("up again");
  both("peer down", [](Side& s) { return s.pod_rtnl->change_link(s.pod_index("eth0"), {.up = false}); });
  expect_same_state("without carrier");
  both("delete", [](Side& s) { return s.rtnl->delete_link(s.index("up")); });
  expect_same_state("gone");
}

TEST_F(FakeIpConformance, SecondariesAndTheirRoutes) {
  for (const char* promote : {"0", "1"}) {
    both("promote_secondaries",
         [&](Side& s) { return s.sysctl->set("net/ipv4/conf/up/promote_secondaries", promote); });
    for (const char* text : {"10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24", "10.7.0.1/24"}) add("up", text);
    route_add({.dst = "10.8.0.0/16", .via = "10.0.0.9"});
    route_add({.dst = "10.9.0.0/16", .via = "10.0.0.9", .source = "10.0.0.1"});
    remove("up", "10.0.0.1/24");
    expect_same_state("the primary is gone");
    remove("up", "10.7.0.1/24");
    remove("up", "10.0.0.3/24");
    remove("up", "10.0.0.2/24");
    expect_same_state("all are gone");
  }
}

TEST_F(FakeIpConformance, Gateways) {
  add("up", "10.0.0.1/24");
  add("up", "2001:db8::1/64");
  for (const char* link : {"", "up", "bare", "down", "nosuch"})
    for (const bool onlink : {false, true}) {
      const auto m = static_cast<std::uint32_t>(link[0] * 2 + onlink + 1);
      for (const char* via : {"10.0.0.2", "10.0.0.1", "10.0.0.255", "10.0.0.0", "192.0.2.1", "127.0.0.1",
                              "0.0.0.0", "224.0.0.1", "255.255.255.255"})
        route_add({.dst = "10.20.0.0/16", .via = via, .link = link, .onlink = onlink, .metric = m});
      for (const char* via : {"2001:db8::2", "2001:db8::1", "2001:db8:99::1", "fe80::1", "::1", "ff02::1"})
        route_add({.dst = "2001:db8:20::/48", .via = via, .link = link, .onlink = onlink, .metric = m});
    }
  route_add({.dst = "10.30.0.0/16", .via = "10.20.0.1"});
  route_add({.dst = "2001:db8:30::/48", .via = "2001:db8:20::1"});
  route_add({.dst = "169.254.1.1/32", .link = "up", .scope = state::Scope::link});
  route_add({.dst = "0.0.0.0/0", .via = "169.254.1.1", .link = "up"});
  route_add({.dst = "10.31.0.0/16", .via = "8.8.8.8"});
  route_add({.dst = "10.32.0.0/16", .link = "up"});
  route_add({.dst = "10.33.0.0/16", .via = "10.32.0.1"});
  route_add({.dst = "10.34.0.0/16", .via = "10.0.0.2", .link = "up", .scope = state::Scope::link});
  route_add({.dst = "10.35.0.0/16", .via = "2001:db8::2"});
  route_add({.dst = "2001:db8:35::/48", .via = "10.0.0.2"});
  route_add({.dst = "::/0", .via = "2001:db8::2"});
  route_add({.dst = "2001:db8:36::/48", .via = "2001:db8:99::1"});
  expect_same_state("with routes");
}

TEST_F(FakeIpConformance, RoutesWithoutGateway) {
  add("up", "10.0.0.1/24");
  add("up", "2001:db8::1/64");
  for (const char* link : {"", "up", "bare", "down", "lo", "nosuch"})
    for (const char* dst : {"10.20.0.0/16", "10.20.0.1/16", "2001:db8:20::/48", "2001:db8:20::1/48"})
      for (const char* source : {"", "10.0.0.1", "10.9.9.9", "2001:db8::1", "2001:db8:9::9"}) {
        if (*source != 0 && ip(source).family() != cidr(dst).family()) continue;
        route_add({.dst = dst, .link = link, .source = source, .scope = state::Scope::link});
      }
  expect_same_state("with routes");
}

TEST_F(FakeIpConformance, TakenReplacedAndDeletedRoutes) {
  add("up", "10.0.0.1/24");
  add("up", "2001:db8::1/64");
  for (const auto& [dst, a, b, c] :
       {std::array{"10.1.0.0/16", "10.0.0.2", "10.0.0.3", "10.0.0.99"},
        std::array{"2001:db8:1::/48", "2001:db8::2", "2001:db8::3", "2001:db8::99"}}) {
    route_add({.dst = dst, .via = a});
    route_add({.dst = dst, .via = a});
    route_add({.dst = dst, .via = b});
    route_add({.dst = dst, .via = b, .metric = 5});
    route_add({.dst = dst, .via = b, .table = 100});
    route_add({.dst = dst, .via = b, .table = 1000});
    route_add({.dst = dst, .via = c}, Existing::replace);
    route_add({.dst = dst, .via = c, .metric = 7}, Existing::replace);
    expect_same_state("added");
    route_remove({.dst = dst, .via = a});
    route_remove({.dst = dst, .metric = 99});
    route_remove({.dst = dst, .link = "bare"});
    route_remove({.dst = dst, .table = 101});
    route_remove({.dst = dst, .protocol = state::RouteProtocol::boot});
    route_remove({.dst = dst, .scope = state::Scope::link});
    route_remove({.dst = dst, .source = cidr(dst).addr().is_v4() ? "10.0.0.1" : "2001:db8::1"});
    route_remove({.dst = dst, .type = state::RouteType::blackhole});
    expect_same_state("refused to delete");
    route_remove({.dst = dst, .metric = 5});
    route_remove({.dst = dst});
    route_remove({.dst = dst, .table = 1000});
    route_remove({.dst = dst, .protocol = state::RouteProtocol::unspec});
    route_remove({.dst = dst});
    route_remove({.dst = dst});
    expect_same_state("deleted");
  }
  route_remove({.dst = "10.0.0.0/24", .scope = state::Scope::link, .protocol = state::RouteProtocol::kernel});
  route_remove({.dst = "2001:db8::/64", .protocol = state::RouteProtocol::kernel});
  add("up", "10.0.1.1/24");
  expect_same_state("connected routes deleted by hand stay away");
}

TEST_F(FakeIpConformance, RejectRoutes) {
  for (const auto type :
       {state::RouteType::blackhole, state::RouteType::unreachable, state::RouteType::prohibit}) {
    for (const char* dst : {"10.40.0.0/16", "2001:db8:40::/48"}) {
      route_add({.dst = dst, .link = "up", .type = type});
      route_add({.dst = dst, .type = type});
      route_add({.dst = dst, .type = type});
      expect_same_state("a reject route");
      const auto inside = cidr(dst).last();
      same("asked for", [&](Side& s) { return s.rtnl->route_to(inside); });
      route_add({.dst = dst, .via = cidr(dst).addr().is_v4() ? "10.40.0.1" : "2001:db8:40::1"},
                Existing::replace);
      route_remove({.dst = dst, .type = type});
    }
  }
}

TEST_F(FakeIpConformance, WhichRoute) {
  for (const char* text : {"10.0.0.1/24", "10.0.1.1/24", "2001:db8::1/64"}) add("up", text);
  route_add({.dst = "10.1.0.0/16", .via = "10.0.1.9"});
  route_add({.dst = "10.1.2.0/24", .via = "10.0.0.9", .source = "10.0.1.1"});
  route_add({.dst = "2001:db8:1::/48", .via = "2001:db8::9"});
  for (const char* dst : {"10.0.0.1", "10.0.0.7", "10.1.2.3", "10.1.3.3", "192.0.2.1", "127.0.0.1",
                          "2001:db8::7", "2001:db8:1::1", "2001:db8:99::1"})
    for (const bool match : {false, true}) {
      same(dst, [&](Side& s) { return s.rtnl->route_to(ip(dst), match); });
      const auto in_real = real.rtnl->route_to(ip(dst), match);
      const auto in_fake = fake.rtnl->route_to(ip(dst), match);
      if (!in_real || !in_fake) continue;
      EXPECT_EQ(in_fake->route.dst, in_real->route.dst) << dst << " " << match;
      EXPECT_EQ(in_fake->route.gateway, in_real->route.gateway) << dst;
      EXPECT_EQ(in_fake->route.type, in_real->route.type) << dst;
      EXPECT_EQ(in_fake->route.table, in_real->route.table) << dst;
      if (!match) EXPECT_EQ(in_fake->preferred_source.str(), in_real->preferred_source.str()) << dst;
    }
}

TEST_F(FakeIpConformance, Neighbours) {
  const auto set = [&](const char* what, const char* link, state::Neighbour n) {
    same(what, [&](Side& s) {
      n.link_index = s.index(link);
      return s.rtnl->set_neighbour(n);
    });
  };
  const auto remove_one = [&](const char* what, const char* link, state::Neighbour n) {
    same(what, [&](Side& s) {
      n.link_index = s.index(link);
      return s.rtnl->delete_neighbour(n);
    });
  };
  const Mac one = mac("02:00:00:00:00:01"), two = mac("02:00:00:00:00:02");
  for (const char* link : {"up", "down", "bare", "nosuch"})
    for (const char* addr : {"10.0.0.2", "2001:db8::2", "fe80::2"}) {
      set("first", link, {.addr = ip(addr), .mac = one});
      set("other MAC", link, {.addr = ip(addr), .mac = two});
      set("no MAC, there", link, {.addr = ip(addr)});
      set("no MAC", link, {.addr = IpAddr::from_value(ip(addr).family(), ip(addr).value() + 7)});
      set("proxy", link, {.addr = ip(addr), .proxy = true});
      remove_one("not there", link, {.addr = IpAddr::from_value(ip(addr).family(), ip(addr).value() + 9)});
      remove_one("proxy not there", link,
                 {.addr = IpAddr::from_value(ip(addr).family(), ip(addr).value() + 9), .proxy = true});
    }
  expect_same_state("with neighbours");
  both("MAC", [](Side& s) { return s.rtnl->change_link(s.index("up"), {.mac = mac("02:00:00:00:00:99")}); });
  expect_same_state("after the link's MAC changed");
  set("again", "up", {.addr = ip("10.0.0.2"), .mac = one});
  remove_one("there", "up", {.addr = ip("10.0.0.2")});
  remove_one("twice", "up", {.addr = ip("10.0.0.2")});
  remove_one("proxy", "up", {.addr = ip("10.0.0.2"), .proxy = true});
  expect_same_state("after deleting");
}

TEST_F(FakeIpConformance, ForwardingEntries) {
  both("bridge",
       [](Side& s) { return s.rtnl->create_bridge({.name = "br0", .mac = mac("02:00:00:00:00:b0")}); });
  both("port", [](Side& s) {
    return s.rtnl->change_link(s.index("up"),
                               {.mac = mac("02:00:00:00:00:aa"), .master_index = s.index("br0")});
  });
  both("vxlan", [](Side& s) {
    return s.rtnl->create_vxlan(
        {.name = "vx", .vxlan = {.local = ip("10.0.0.1")}, .mac = mac("02:00:00:00:00:cc")});
  });
  struct F {
    const char *link, *mac, *remote = "";
    bool self = false;
    std::uint16_t vlan = 0;
    state::NeighbourState state = state::NeighbourState::permanent;
  };
  const auto entry = [](const Side& s, const F& f) {
    state::FdbEntry out{
        .link_index = s.index(f.link), .mac = mac(f.mac), .vlan = f.vlan, .self = f.self, .state = f.state};
    if (*f.remote != 0) out.remote = ip(f.remote);
    return out;
  };
  const auto set = [&](const F& f) {
    same(fmt::format("set {} {} {} {}", f.link, f.mac, f.remote, f.self).c_str(),
         [&](Side& s) { return s.rtnl->set_fdb(entry(s, f)); });
  };
  const auto remove_one = [&](const F& f) {
    same(fmt::format("delete {} {} {} {}", f.link, f.mac, f.remote, f.self).c_str(),
         [&](Side& s) { return s.rtnl->delete_fdb(entry(s, f)); });
  };
  const char *one = "02:00:00:00:00:01", *two = "02:00:00:00:00:02", *zero = "00:00:00:00:00:00";
  set({.link = "up", .mac = one});
  set({.link = "up", .mac = one, .state = state::NeighbourState::noarp});
  set({.link = "up", .mac = zero});
  set({.link = "up", .mac = two, .vlan = 5});
  set({.link = "bare", .mac = one});
  set({.link = "nosuch", .mac = one});
  set({.link = "vx", .mac = one, .remote = "10.0.0.2", .self = true});
  set({.link = "vx", .mac = one, .remote = "10.0.0.3", .self = true});
  set({.link = "vx", .mac = two, .self = true});
  set({.link = "vx", .mac = two, .remote = "2001:db8::1", .self = true});
  set({.link = "vx", .mac = zero, .remote = "10.0.0.2", .self = true});
  set({.link = "vx", .mac = zero, .remote = "10.0.0.3", .self = true});
  set({.link = "vx", .mac = zero, .remote = "10.0.0.3", .self = true});
  expect_same_state("with entries");
  remove_one({.link = "up", .mac = two});
  remove_one({.link = "bare", .mac = one});
  remove_one({.link = "nosuch", .mac = one});
  remove_one({.link = "vx", .mac = two, .self = true});
  remove_one({.link = "vx", .mac = one, .remote = "10.0.0.66", .self = true});
  remove_one({.link = "vx", .mac = zero, .remote = "10.0.0.2", .self = true});
  expect_same_state("some deleted");
  remove_one({.link = "vx", .mac = one, .remote = "10.0.0.3", .self = true});
  remove_one({.link = "up", .mac = one});
  remove_one({.link = "up", .mac = one});
  both("out of the bridge", [](Side& s) { return s.rtnl->change_link(s.index("up"), {.master_index = 0}); });
  expect_same_state("at the end");
}

TEST_F(FakeIpConformance, Sysctls) {
  const auto get = [&](const char* key) {
    same(key, [&](Side& s) { return s.sysctl->get(key); });
    EXPECT_EQ(fake.sysctl->get(key).value_or("(none)"), real.sysctl->get(key).value_or("(none)")) << key;
  };
  const auto set = [&](const char* key, const char* value) {
    same(fmt::format("{}={}", key, value).c_str(), [&](Side& s) { return s.sysctl->set(key, value); });
    get(key);
  };
  for (const char* value : {"1", "yes", "", " 0 ", "2", "99999999999", "-1", "1x", "1 2", "0"})
    set("net/ipv4/conf/up/rp_filter", value);
  for (const char* value : {"1", "no", "", "0", "1"}) set("net/ipv4/ip_forward", value);
  for (const char* key :
       {"net/ipv4/conf/all/forwarding", "net/ipv4/conf/up/forwarding", "net/ipv4/conf/default/forwarding",
        "net/ipv4/conf/down/forwarding", "net/ipv4/conf/nosuch/forwarding", "net/ipv4/nosuch",
        "net/ipv6/conf/up/disable_ipv6", "net/ipv6/conf/up/accept_dad"})
    get(key);
  set("net/ipv4/conf/nosuch/forwarding", "1");
  set("net/ipv6/conf/all/forwarding", "1");
  get("net/ipv6/conf/up/forwarding");
  set("net/ipv4/conf/default/rp_filter", "2");
  both("a new link", [](Side& s) { return s.rtnl->create_plain("ifb", "new.1"); });
  get("net/ipv4/conf/new.1/rp_filter");
  get("net/ipv6/conf/new.1/forwarding");
  both("renamed", [](Side& s) { return s.rtnl->change_link(s.index("new.1"), {.name = "newer"}); });
  get("net/ipv4/conf/newer/rp_filter");
  get("net/ipv4/conf/new.1/rp_filter");
  set("net/ipv6/conf/newer/disable_ipv6", "1");
  add("newer", "2001:db8::1/64");
  route_add({.dst = "2001:db8:1::/48", .link = "newer"});
  set("net/ipv6/conf/newer/disable_ipv6", "0");
  add("newer", "2001:db8::1/64");
  both("small MTU", [](Side& s) { return s.rtnl->change_link(s.index("up"), {.mtu = 1000}); });
  get("net/ipv6/conf/up/disable_ipv6");
  add("up", "2001:db8:7::1/64");
  route_add({.dst = "2001:db8:8::/48", .link = "up"});
  both("MTU", [](Side& s) { return s.rtnl->change_link(s.index("up"), {.mtu = 1500}); });
  get("net/ipv6/conf/up/disable_ipv6");
  expect_same_state("at the end");
}

}  // namespace
}  // namespace podwire::test
