#include "dns/zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/zone_testing.h"

namespace podwire::dns::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ZoneTest : public testing::Test {
 protected:
  Zone zone_{name("cluster.local"), {addr("10.96.0.10"), addr("fd96::a")}};

  std::vector<std::string> ask(std::string_view text, Type type = Type::a) const {
    const auto answer = zone_.answer({name(text), type});
    return answer ? shown(answer->records) : std::vector<std::string>{"not ours"};
  }
  std::vector<std::string> additional(std::string_view text, Type type) const {
    return shown(zone_.answer({name(text), type})->additional);
  }
  bool not_there(std::string_view text, Type type = Type::a) const {
    return is(text, type, Code::no_such_name);
  }
  bool no_data(std::string_view text, Type type = Type::a) const { return is(text, type, Code::no_error); }

 private:
  /// A "no" says by the SOA record how long it is good.
  bool is(std::string_view text, Type type, Code code) const {
    const auto answer = zone_.answer({name(text), type});
    return answer && answer->code == code && answer->records.empty() && answer->authority.size() == 1 &&
           type_of(answer->authority.front().data) == Type::soa &&
           answer->authority.front().owner == zone_.domain();
  }
};

TEST_F(ZoneTest, TellsTheVersionOfTheScheme) {
  EXPECT_THAT(ask("dns-version.cluster.local", Type::txt),
              ElementsAre("dns-version.cluster.local TXT 1.1.0"));
  EXPECT_TRUE(no_data("dns-version.cluster.local"));
}

TEST_F(ZoneTest, KnowsItself) {
  EXPECT_THAT(ask("cluster.local", Type::soa), ElementsAre("cluster.local SOA ns.dns.cluster.local"));
  EXPECT_THAT(ask("cluster.local", Type::ns), ElementsAre("cluster.local NS ns.dns.cluster.local"));
  EXPECT_THAT(ask("ns.dns.cluster.local"), ElementsAre("ns.dns.cluster.local A 10.96.0.10"));
  EXPECT_THAT(ask("ns.dns.cluster.local", Type::aaaa), ElementsAre("ns.dns.cluster.local AAAA fd96::a"));
  for (const auto* inside : {"cluster.local", "svc.cluster.local", "pod.cluster.local", "dns.cluster.local"})
    EXPECT_TRUE(no_data(inside)) << inside;
  EXPECT_TRUE(not_there("nothing.cluster.local"));
  EXPECT_THAT(ask("cluster.locals"), ElementsAre("not ours"));
  EXPECT_THAT(ask("xcluster.local"), ElementsAre("not ours"));
  EXPECT_THAT(ask("."), ElementsAre("not ours"));
}

TEST_F(ZoneTest, AServiceHasItsAddressesOfBothFamilies) {
  zone_.set(service("default", "web", {addr("10.96.1.1"), addr("fd96::1")}));
  EXPECT_THAT(ask("web.default.svc.cluster.local"), ElementsAre("web.default.svc.cluster.local A 10.96.1.1"));
  EXPECT_THAT(ask("web.default.svc.cluster.local", Type::aaaa),
              ElementsAre("web.default.svc.cluster.local AAAA fd96::1"));
  EXPECT_TRUE(no_data("web.default.svc.cluster.local", Type::txt));
  EXPECT_TRUE(no_data("default.svc.cluster.local"));
  EXPECT_TRUE(not_there("other.svc.cluster.local"));
  EXPECT_TRUE(not_there("other.default.svc.cluster.local"));
  EXPECT_TRUE(not_there("web.other.svc.cluster.local"));
  EXPECT_TRUE(not_there("a.web.default.svc.cluster.local"));
}

TEST_F(ZoneTest, OneFamilyIsNoDataForTheOther) {
  zone_.set(service("default", "web", {addr("10.96.1.1")}));
  EXPECT_TRUE(no_data("web.default.svc.cluster.local", Type::aaaa));
}

TEST_F(ZoneTest, TheCaseOfAQuestionIsKeptAndMeansNothing) {
  zone_.set(service("default", "web", {addr("10.96.1.1")}));
  EXPECT_THAT(ask("wEb.DEFAULT.Svc.cluster.LOCAL"), ElementsAre("wEb.DEFAULT.Svc.cluster.LOCAL A 10.96.1.1"));
}

TEST_F(ZoneTest, SearchSuffixesBehindAWholeNameLeadNowhere) {
  zone_.set(service("ns", "svc", {addr("10.96.1.1")}));
  zone_.set(service("ns2", "web", {addr("10.96.1.2")}));
  EXPECT_TRUE(not_there("svc.ns.svc.cluster.local.ns2.svc.cluster.local"));
  EXPECT_TRUE(not_there("svc.ns.svc.cluster.local.svc.cluster.local"));
  EXPECT_TRUE(not_there("svc.ns.svc.cluster.local.cluster.local"));
  EXPECT_TRUE(not_there("svc.ns.ns2.svc.cluster.local"));
}

TEST_F(ZoneTest, NamesMayBe63Long) {
  const std::string longest(63, 'n');
  zone_.set(service(longest, longest, {addr("10.96.1.1")}));
  EXPECT_THAT(ask(longest + "." + longest + ".svc.cluster.local"), testing::SizeIs(1));
}

TEST_F(ZoneTest, NamedPortsAreServices) {
  zone_.set(service("default", "web", {addr("10.96.1.1"), addr("fd96::1")},
                    {{.name = "http", .port = 80}, {.name = "dns", .protocol = "UDP", .port = 53}}));
  EXPECT_THAT(
      ask("_http._tcp.web.default.svc.cluster.local", Type::srv),
      ElementsAre("_http._tcp.web.default.svc.cluster.local SRV 0 100 80 web.default.svc.cluster.local"));
  EXPECT_THAT(
      additional("_http._tcp.web.default.svc.cluster.local", Type::srv),
      ElementsAre("web.default.svc.cluster.local A 10.96.1.1", "web.default.svc.cluster.local AAAA fd96::1"));
  EXPECT_THAT(ask("_dns._udp.web.default.svc.cluster.local", Type::srv), testing::SizeIs(1));
  EXPECT_TRUE(not_there("_http._udp.web.default.svc.cluster.local", Type::srv));
  EXPECT_TRUE(not_there("http._tcp.web.default.svc.cluster.local", Type::srv));
  EXPECT_TRUE(not_there("_x._http._tcp.web.default.svc.cluster.local", Type::srv));
  EXPECT_TRUE(no_data("_tcp.web.default.svc.cluster.local", Type::srv));
  EXPECT_TRUE(not_there("_sctp.web.default.svc.cluster.local", Type::srv));
  EXPECT_TRUE(no_data("_http._tcp.web.default.svc.cluster.local", Type::a));
  EXPECT_THAT(ask("web.default.svc.cluster.local", Type::srv), testing::SizeIs(2));
}

TEST_F(ZoneTest, AnUnnamedPortIsNoService) {
  zone_.set(service("default", "web", {addr("10.96.1.1")}, {{.port = 80}}));
  EXPECT_TRUE(not_there("_._tcp.web.default.svc.cluster.local", Type::srv));
}

TEST_F(ZoneTest, AClusterIpHasAPointer) {
  zone_.set(service("default", "web", {addr("10.96.1.1"), addr("fd96::1")}));
  EXPECT_THAT(ask("1.1.96.10.in-addr.arpa", Type::ptr),
              ElementsAre("1.1.96.10.in-addr.arpa PTR web.default.svc.cluster.local"));
  const auto six = reverse_name(addr("fd96::1")).str();
  EXPECT_EQ(six, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.d.f.ip6.arpa");
  EXPECT_THAT(ask(six, Type::ptr), ElementsAre(six + " PTR web.default.svc.cluster.local"));
  EXPECT_THAT(ask("1.1.96.10.in-addr.arpa", Type::a), IsEmpty());
  EXPECT_THAT(ask("2.1.96.10.in-addr.arpa", Type::ptr), ElementsAre("not ours"));
  EXPECT_THAT(ask("1.96.10.in-addr.arpa", Type::ptr), ElementsAre("not ours"));
}

TEST_F(ZoneTest, AHeadlessServiceIsItsReadyEndpoints) {
  zone_.set(service("db", "pg", {}));
  zone_.set(
      slice("db", "pg-1", "pg",
            {endpoint("10.244.1.2", "pg-0"), endpoint("10.244.1.3"), endpoint("10.244.1.4", "pg-2", false)}));
  zone_.set(slice("db", "pg-6", "pg", {endpoint("fd00::2", "pg-0")}));
  EXPECT_THAT(ask("pg.db.svc.cluster.local"),
              ElementsAre("pg.db.svc.cluster.local A 10.244.1.2", "pg.db.svc.cluster.local A 10.244.1.3"));
  EXPECT_THAT(ask("pg.db.svc.cluster.local", Type::aaaa),
              ElementsAre("pg.db.svc.cluster.local AAAA fd00::2"));
  EXPECT_THAT(ask("pg-0.pg.db.svc.cluster.local"), ElementsAre("pg-0.pg.db.svc.cluster.local A 10.244.1.2"));
  EXPECT_THAT(ask("PG-0.pg.db.svc.cluster.local", Type::aaaa),
              ElementsAre("PG-0.pg.db.svc.cluster.local AAAA fd00::2"));
  EXPECT_THAT(ask("10-244-1-3.pg.db.svc.cluster.local"),
              ElementsAre("10-244-1-3.pg.db.svc.cluster.local A 10.244.1.3"));
  EXPECT_TRUE(no_data("10-244-1-3.pg.db.svc.cluster.local", Type::aaaa));
  EXPECT_TRUE(not_there("pg-2.pg.db.svc.cluster.local"));
  EXPECT_TRUE(not_there("10-244-1-2.pg.db.svc.cluster.local"));
}

TEST_F(ZoneTest, AHeadlessServiceWithoutReadyEndpointsIsNotThere) {
  zone_.set(service("db", "pg", {}));
  EXPECT_TRUE(not_there("pg.db.svc.cluster.local"));
  zone_.set(
      slice("db", "pg-1", "pg", {endpoint("10.244.1.4", "pg-2", false)}, {{.name = "sql", .port = 5432}}));
  EXPECT_TRUE(not_there("pg.db.svc.cluster.local"));
  EXPECT_TRUE(not_there("_sql._tcp.pg.db.svc.cluster.local", Type::srv));
}

TEST_F(ZoneTest, EveryEndpointServesEveryNamedPort) {
  zone_.set(service("db", "pg", {}));
  const std::vector<kube::EndpointPort> ports{{.name = "sql", .port = 5432}};
  zone_.set(
      slice("db", "pg-1", "pg", {endpoint("10.244.1.2", "pg-0"), endpoint("10.244.1.3", "pg-1")}, ports));
  zone_.set(slice("db", "pg-6", "pg", {endpoint("fd00::2", "pg-0")}, ports));
  EXPECT_THAT(ask("_sql._tcp.pg.db.svc.cluster.local", Type::srv),
              ElementsAre("_sql._tcp.pg.db.svc.cluster.local SRV 0 100 5432 pg-0.pg.db.svc.cluster.local",
                          "_sql._tcp.pg.db.svc.cluster.local SRV 0 100 5432 pg-1.pg.db.svc.cluster.local"));
  EXPECT_THAT(
      additional("_sql._tcp.pg.db.svc.cluster.local", Type::srv),
      ElementsAre("pg-0.pg.db.svc.cluster.local A 10.244.1.2", "pg-0.pg.db.svc.cluster.local AAAA fd00::2",
                  "pg-1.pg.db.svc.cluster.local A 10.244.1.3"));
  EXPECT_TRUE(no_data("_tcp.pg.db.svc.cluster.local", Type::srv));
  EXPECT_TRUE(not_there("_udp.pg.db.svc.cluster.local", Type::srv));
}

TEST_F(ZoneTest, AnEndpointOfAHeadlessServiceHasAPointer) {
  zone_.set(slice("db", "pg-1", "pg", {endpoint("10.244.1.2", "pg-0"), endpoint("fd00::3")}));
  EXPECT_THAT(ask("2.1.244.10.in-addr.arpa", Type::ptr), ElementsAre("not ours"));
  zone_.set(service("db", "pg", {}));
  EXPECT_THAT(ask("2.1.244.10.in-addr.arpa", Type::ptr),
              ElementsAre("2.1.244.10.in-addr.arpa PTR pg-0.pg.db.svc.cluster.local"));
  const auto six = reverse_name(addr("fd00::3")).str();
  EXPECT_THAT(ask(six, Type::ptr), ElementsAre(six + " PTR fd00--3.pg.db.svc.cluster.local"));
}

TEST_F(ZoneTest, TheEndpointsOfAServiceWithAnAddressHaveNoNames) {
  zone_.set(service("default", "web", {addr("10.96.1.1")}));
  zone_.set(slice("default", "web-1", "web", {endpoint("10.244.1.2", "web-0")}));
  EXPECT_TRUE(not_there("web-0.web.default.svc.cluster.local"));
  EXPECT_THAT(ask("2.1.244.10.in-addr.arpa", Type::ptr), ElementsAre("not ours"));
}

TEST_F(ZoneTest, AnExternalNameIsAnAlias) {
  zone_.set(external("default", "away", "www.example.com"));
  for (const auto type : {Type::a, Type::aaaa, Type::cname, Type::srv})
    EXPECT_THAT(ask("away.default.svc.cluster.local", type),
                ElementsAre("away.default.svc.cluster.local CNAME www.example.com"));
  EXPECT_TRUE(not_there("x.away.default.svc.cluster.local"));
}

TEST_F(ZoneTest, AnAliasOfTheClusterIsFollowed) {
  zone_.set(service("default", "web", {addr("10.96.1.1")}));
  zone_.set(external("other", "web", "web.default.svc.cluster.local"));
  zone_.set(external("other", "lost", "none.default.svc.cluster.local"));
  zone_.set(external("other", "round", "round.other.svc.cluster.local"));
  EXPECT_THAT(ask("web.other.svc.cluster.local"),
              ElementsAre("web.other.svc.cluster.local CNAME web.default.svc.cluster.local",
                          "web.default.svc.cluster.local A 10.96.1.1"));
  EXPECT_EQ(zone_.answer({name("lost.other.svc.cluster.local"), Type::a})->code, Code::no_such_name);
  EXPECT_THAT(ask("lost.other.svc.cluster.local"), testing::SizeIs(1));
  EXPECT_LT(ask("round.other.svc.cluster.local").size(), 20U);
}

TEST_F(ZoneTest, APodsAddressIsAName) {
  EXPECT_THAT(ask("10-244-1-2.any.pod.cluster.local"),
              ElementsAre("10-244-1-2.any.pod.cluster.local A 10.244.1.2"));
  EXPECT_THAT(ask("fd00--2.any.pod.cluster.local", Type::aaaa),
              ElementsAre("fd00--2.any.pod.cluster.local AAAA fd00::2"));
  EXPECT_TRUE(no_data("fd00--2.any.pod.cluster.local"));
  EXPECT_TRUE(no_data("any.pod.cluster.local"));
  EXPECT_TRUE(not_there("10-244-1.any.pod.cluster.local"));
  EXPECT_TRUE(not_there("10-244-1-256.any.pod.cluster.local"));
  EXPECT_TRUE(not_there("x.10-244-1-2.any.pod.cluster.local"));
}

TEST_F(ZoneTest, WhatIsGoneLeavesNothing) {
  const auto web = service("default", "web", {addr("10.96.1.1")});
  const auto pg = service("db", "pg", {});
  const auto ready = slice("db", "pg-1", "pg", {endpoint("10.244.1.2", "pg-0")});
  zone_.set(ready);
  zone_.set(web);
  zone_.set(pg);
  zone_.remove(web);
  EXPECT_TRUE(not_there("default.svc.cluster.local"));
  EXPECT_THAT(ask("1.1.96.10.in-addr.arpa", Type::ptr), ElementsAre("not ours"));
  zone_.remove(pg);
  EXPECT_TRUE(not_there("db.svc.cluster.local"));
  EXPECT_THAT(ask("2.1.244.10.in-addr.arpa", Type::ptr), ElementsAre("not ours"));
  zone_.set(pg);  // whose slice was there all the time
  EXPECT_THAT(ask("pg-0.pg.db.svc.cluster.local"), testing::SizeIs(1));
  zone_.remove(ready);
  zone_.remove(ready);
  EXPECT_TRUE(not_there("pg.db.svc.cluster.local"));
  EXPECT_THAT(ask("2.1.244.10.in-addr.arpa", Type::ptr), ElementsAre("not ours"));
}

TEST_F(ZoneTest, AChangeReplacesWhatWasSaid) {
  zone_.set(service("default", "web", {addr("10.96.1.1")}));
  zone_.set(service("default", "web", {addr("10.96.1.9")}));
  EXPECT_THAT(ask("web.default.svc.cluster.local"), ElementsAre("web.default.svc.cluster.local A 10.96.1.9"));
  EXPECT_THAT(ask("1.1.96.10.in-addr.arpa", Type::ptr), ElementsAre("not ours"));
  zone_.set(slice("default", "s", "a", {endpoint("10.244.1.2", "one")}));
  zone_.set(service("default", "a", {}));
  zone_.set(service("default", "b", {}));
  zone_.set(slice("default", "s", "b", {endpoint("10.244.1.2", "one")}));  // another Service's now
  EXPECT_TRUE(not_there("a.default.svc.cluster.local"));
  EXPECT_THAT(ask("2.1.244.10.in-addr.arpa", Type::ptr),
              ElementsAre("2.1.244.10.in-addr.arpa PTR one.b.default.svc.cluster.local"));
}

TEST_F(ZoneTest, AnEndpointThatMovesBetweenSlicesKeepsItsPointer) {
  zone_.set(service("db", "pg", {}));
  zone_.set(slice("db", "pg-1", "pg", {endpoint("10.244.1.2", "pg-0")}));
  zone_.set(slice("db", "pg-2", "pg", {endpoint("10.244.1.2", "pg-0")}));
  EXPECT_THAT(ask("2.1.244.10.in-addr.arpa", Type::ptr), testing::SizeIs(1));
  zone_.set(slice("db", "pg-1", "pg", {}));
  EXPECT_THAT(ask("2.1.244.10.in-addr.arpa", Type::ptr), testing::SizeIs(1));
}

TEST_F(ZoneTest, AnswersAreGoodForFiveSeconds) {
  zone_.set(service("default", "web", {addr("10.96.1.1")}));
  EXPECT_EQ(zone_.answer({name("web.default.svc.cluster.local"), Type::a})->records.front().ttl, 5U);
  const auto none = zone_.answer({name("x.cluster.local"), Type::a});
  EXPECT_EQ(std::get<Soa>(none->authority.front().data).minimum, 5U);
}

TEST(Name, IsParsedOrRefused) {
  EXPECT_EQ(name("a.b").labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(name("a.b."), name("A.B"));
  EXPECT_TRUE(name(".").labels.empty());
  EXPECT_EQ(name("a.b").wire(), std::string("\1a\1b\0", 5));
  for (const std::string& bad :
       {std::string("a..b"), std::string(".a"), std::string("a.."), std::string(64, 'x')})
    EXPECT_FALSE(Name::parse(bad)) << bad;
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "a.";
  EXPECT_TRUE(Name::parse(longest));
  EXPECT_FALSE(Name::parse(longest + "a"));
}

TEST(Name, OfAnAddressReadsBack) {
  for (const auto* text : {"10.244.1.2", "0.0.0.0", "fd00::a", "::1", "fd00::", "2001:db8:1:2:3:4:5:6"}) {
    EXPECT_EQ(reversed_address(reverse_name(addr(text))), addr(text)) << text;
    EXPECT_EQ(dashed_address(dashed(addr(text))), addr(text)) << text;
    EXPECT_FALSE(dashed(addr(text)).starts_with('-') || dashed(addr(text)).ends_with('-')) << text;
  }
}

}  // namespace
}  // namespace podwire::dns::test
