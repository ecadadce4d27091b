#include "tests/netns/twin_kernels.h"

namespace podwire::test {
namespace {

constexpr const char* kShape = R"(
table inet t {
  chain lb { meta mark set 1; }
  map m { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; flags timeout; }
  map plain { type ipv4_addr . inet_service : ipv4_addr . inet_service; }
  set s { type ipv4_addr; }
  set six { type ipv6_addr; }
  set ports { type inet_service; }
  set marks { type mark; }
  set i { type ipv4_addr . inet_service; flags interval; }
  map v { type ipv4_addr : verdict; }
}
)";

class FakeNftConformance : public TwinKernels {
 protected:
  void SetUp() override {
    TwinKernels::SetUp();
    both("load", [](Side& s) { return s.nft->load_shape(kShape); });
  }
  static NftSet set(const char* name) { return {NftFamily::inet, "t", name}; }
  static NftElement one(const char* addr) { return {.key = NftBytes().addr(ip(addr))}; }
  static NftElement mapped(const char* from, std::uint16_t port, const char* to) {
    return {.key = NftBytes().addr(ip(from)).port(port), .data = NftBytes().addr(ip(to)).port(80)};
  }
  static NftElement timed(std::uint16_t port, const char* to, int seconds) {
    return {.key = NftBytes().protocol(17).addr(ip("10.0.0.1")).port(port),
            .data = NftBytes().addr(ip(to)).port(80),
            .timeout = std::chrono::seconds(seconds)};
  }
  static NftElement block(const char* from, const char* to, std::uint16_t low, std::uint16_t high) {
    return {.key = NftBytes().addr(ip(from)).port(low), .key_end = NftBytes().addr(ip(to)).port(high)};
  }
  void commit(const char* what, const NftBatch& batch) {
    same(what, [&](Side& s) { return s.nft->commit(batch); });
    for (const char* name : {"m", "plain", "s", "six", "i", "v"})
      EXPECT_EQ(shown(fake, name), shown(real, name)) << what;
  }
  static std::string shown(const Side& s, const char* name) {
    const auto elements = s.nft->elements(set(name));
    if (!elements) return elements.error().message();
    std::vector<std::string> lines;
    for (auto e : *elements) {
      e.expires.reset();
      lines.push_back(describe(e));
    }
    std::ranges::sort(lines);
    return fmt::format("{}", fmt::join(lines, "\n"));
  }
};

TEST_F(FakeNftConformance, AddCreateRemoveFlush) {
  commit("add", NftBatch().add(set("s"), {one("10.0.0.1"), one("10.0.0.2")}));
  commit("add again", NftBatch().add(set("s"), {one("10.0.0.1")}));
  commit("create", NftBatch().create(set("s"), {one("10.0.0.1")}));
  commit("create new", NftBatch().create(set("s"), {one("10.0.0.3")}));
  commit("remove", NftBatch().remove(set("s"), {one("10.0.0.3")}));
  commit("remove again", NftBatch().remove(set("s"), {one("10.0.0.3")}));
  commit("remove twice", NftBatch().remove(set("s"), {one("10.0.0.1"), one("10.0.0.1")}));
  commit("twice in one batch", NftBatch().add(set("s"), {one("10.0.0.7"), one("10.0.0.7")}));
  commit("create twice", NftBatch().create(set("s"), {one("10.0.0.8"), one("10.0.0.8")}));
  commit("remove and add", NftBatch().remove(set("s"), {one("10.0.0.1")}).add(set("s"), {one("10.0.0.1")}));
  commit("flush", NftBatch().flush(set("s")));
  commit("flush empty", NftBatch().flush(set("s")));
  commit("nothing", NftBatch());
  commit("no elements", NftBatch().add(set("s"), {}));
  commit("no elements, no set", NftBatch().add(set("nosuch"), {}));
}

TEST_F(FakeNftConformance, SetsThatAreNotThere) {
  const NftSet elsewhere{NftFamily::ipv4, "t", "s"}, no_table{NftFamily::inet, "nosuch", "s"};
  for (const auto& name : {set("nosuch"), elsewhere, no_table}) {
    commit("add", NftBatch().add(name, {one("10.0.0.1")}));
    commit("create", NftBatch().create(name, {one("10.0.0.1")}));
    commit("remove", NftBatch().remove(name, {one("10.0.0.1")}));
    commit("flush", NftBatch().flush(name));
    commit("after a good step", NftBatch().add(set("s"), {one("10.0.0.1")}).add(name, {one("10.0.0.1")}));
    same("get", [&](Side& s) { return s.nft->get(name, one("10.0.0.1").key); });
    same("list", [&](Side& s) { return s.nft->elements(name); });
  }
}

TEST_F(FakeNftConformance, MapsAndTheirData) {
  commit("add", NftBatch().add(set("plain"), {mapped("10.0.0.1", 1, "10.1.0.1")}));
  commit("same data", NftBatch().add(set("plain"), {mapped("10.0.0.1", 1, "10.1.0.1")}));
  commit("other data", NftBatch().add(set("plain"), {mapped("10.0.0.1", 1, "10.1.0.2")}));
  commit("exchange", NftBatch()
                         .remove(set("plain"), {mapped("10.0.0.1", 1, "10.1.0.1")})
                         .add(set("plain"), {mapped("10.0.0.1", 1, "10.1.0.2")}));
  commit("remove by other data", NftBatch().remove(set("plain"), {mapped("10.0.0.1", 1, "10.1.0.99")}));
  commit("no data", NftBatch().add(set("plain"), {{.key = mapped("10.0.0.1", 1, "10.1.0.1").key}}));
  commit("data in a set",
         NftBatch().add(set("s"), {{.key = one("10.0.0.1").key, .data = one("10.0.0.1").key}}));
  commit("long data", NftBatch().add(set("plain"), {{.key = mapped("10.0.0.1", 1, "10.1.0.1").key,
                                                     .data = NftBytes().addr(ip("2001:db8::1")).port(1)}}));
  commit("timeout where there is none", NftBatch().add(set("plain"), {[] {
                                                         auto e = mapped("10.0.0.5", 1, "10.1.0.1");
                                                         e.timeout = std::chrono::seconds(9);
                                                         return e;
                                                       }()}));
  commit("timeout", NftBatch().add(set("m"), {timed(1, "10.1.0.1", 100)}));
  commit("longer timeout", NftBatch().add(set("m"), {timed(1, "10.1.0.1", 200)}));
  commit("timeout, other data", NftBatch().add(set("m"), {timed(1, "10.1.0.2", 200)}));
  commit("comment", NftBatch().add(set("s"), {{.key = one("10.0.0.1").key, .comment = "default/hello-1"}}));
  commit("other comment",
         NftBatch().add(set("s"), {{.key = one("10.0.0.1").key, .comment = "default/hello-2"}}));
}

TEST_F(FakeNftConformance, KeysThatDoNotFit) {
  for (const char* name : {"s", "six", "ports", "marks", "plain", "v"}) {
    commit("IPv4", NftBatch().add(set(name), {one("10.0.0.1")}));
    commit("IPv6", NftBatch().add(set(name), {one("2001:db8::1")}));
    commit("a port", NftBatch().add(set(name), {{.key = NftBytes().port(80)}}));
    commit("a mark", NftBatch().add(set(name), {{.key = NftBytes().mark(7)}}));
    commit("nothing", NftBatch().add(set(name), {{}}));
    same("get", [&](Side& s) { return s.nft->get(set(name), NftBytes().addr(ip("2001:db8::1"))); });
  }
  auto range = one("10.0.0.1");
  range.key_end = one("10.0.0.9").key;
  commit("a range in a set without", NftBatch().add(set("s"), {range}));
}

TEST_F(FakeNftConformance, Verdicts) {
  using Kind = state::NftVerdict::Kind;
  const auto to = [](const char* key, Kind kind, const char* chain) {
    return NftElement{.key = one(key).key, .verdict = state::NftVerdict{kind, chain}};
  };
  commit("goto", NftBatch().add(set("v"), {to("10.0.0.1", Kind::goto_, "lb")}));
  commit("goto again", NftBatch().add(set("v"), {to("10.0.0.1", Kind::goto_, "lb")}));
  commit("jump instead", NftBatch().add(set("v"), {to("10.0.0.1", Kind::jump, "lb")}));
  commit("no chain", NftBatch().add(set("v"), {to("10.0.0.2", Kind::goto_, "nosuch")}));
  commit("drop", NftBatch().add(set("v"), {to("10.0.0.3", Kind::drop, "")}));
  commit("accept", NftBatch().add(set("v"), {to("10.0.0.4", Kind::accept, "")}));
  commit("data instead",
         NftBatch().add(set("v"), {{.key = one("10.0.0.5").key, .data = one("10.0.0.5").key}}));
  commit("a verdict in a set", NftBatch().add(set("s"), {to("10.0.0.5", Kind::drop, "")}));
}

TEST_F(FakeNftConformance, Intervals) {
  const auto add = [&](const char* what, NftElement e) {
    commit(what, NftBatch().add(set("i"), {std::move(e)}));
  };
  add("block", block("10.0.0.0", "10.0.0.255", 80, 90));
  add("again", block("10.0.0.0", "10.0.0.255", 80, 90));
  commit("create", NftBatch().create(set("i"), {block("10.0.0.0", "10.0.0.255", 80, 90)}));
  add("inside", block("10.0.0.5", "10.0.0.5", 85, 85));
  add("beside", block("10.0.0.5", "10.0.0.5", 95, 95));
  add("across the start", block("9.0.0.0", "10.0.0.5", 85, 85));
  add("across the end", block("10.0.0.9", "10.0.1.5", 85, 85));
  commit("remove part", NftBatch().remove(set("i"), {block("10.0.0.5", "10.0.0.5", 85, 85)}));
  commit("remove", NftBatch().remove(set("i"), {block("10.0.0.0", "10.0.0.255", 80, 90)}));
  add("block again", block("10.0.0.0", "10.0.0.255", 80, 90));
  add("around", block("9.0.0.0", "11.0.0.0", 70, 93));
  add("single", {.key = NftBytes().addr(ip("10.5.0.1")).port(1)});
  commit("flush", NftBatch().flush(set("i")));
}

TEST_F(FakeNftConformance, LookUp) {
  commit("fill", NftBatch()
                     .add(set("s"), {one("10.0.0.1")})
                     .add(set("plain"), {mapped("10.0.0.1", 1, "10.1.0.1")})
                     .add(set("i"), {block("10.0.0.0", "10.0.0.255", 80, 90)}));
  const auto look = [&](const char* name, const NftBytes& key) {
    same(name, [&](Side& s) { return s.nft->get(set(name), key); });
    const auto in_real = real.nft->get(set(name), key), in_fake = fake.nft->get(set(name), key);
    ASSERT_TRUE(in_real && in_fake);
    EXPECT_EQ(in_fake->has_value(), in_real->has_value()) << name << " " << key.hex();
    if (*in_real && *in_fake) EXPECT_EQ(describe(**in_fake), describe(**in_real));
  };
  look("s", one("10.0.0.1").key);
  look("s", one("10.0.0.2").key);
  look("plain", mapped("10.0.0.1", 1, "10.0.0.1").key);
  look("plain", mapped("10.0.0.1", 2, "10.0.0.1").key);
  look("i", NftBytes().addr(ip("10.0.0.0")).port(80));
  look("i", NftBytes().addr(ip("10.0.0.7")).port(85));
  look("i", NftBytes().addr(ip("10.0.0.7")).port(95));
}

TEST_F(FakeNftConformance, ShapesAndTables) {
  const auto has = [&](NftFamily family, const char* table) {
    EXPECT_EQ(fake.nft->has_table(family, table).value(), real.nft->has_table(family, table).value())
        << table;
  };
  const auto load = [&](const char* text) {
    SCOPED_TRACE(text);
    same(text, [&](Side& s) { return s.nft->load_shape(text); });
    has(NftFamily::inet, "t");
    has(NftFamily::ipv4, "four");
    for (const char* name : {"s", "new"})
      EXPECT_EQ(shown(fake, name).empty(), shown(real, name).empty()) << text;
  };
  commit("fill", NftBatch().add(set("s"), {one("10.0.0.1")}));
  load(kShape);
  load("table inet t {\n set new { type ipv4_addr; flags timeout; }\n}\n");
  load("table inet t {\n set s { type ipv6_addr; }\n}\n");
  load("table ip four { }\ndelete table ip nosuch\n");
  load(
      "table ip four {\n chain c { type filter hook input priority 0; policy accept; ip saddr 10.0.0.1 drop; "
      "}\n}\n");
  load("add table ip four\ndelete table ip four\n");
  load("create table inet t");
  load("table inet t {\n set broken { type ipv4_addr;\n");
  load("table inet t\ndelete table inet t\n");
  same("delete", [](Side& s) { return s.nft->delete_table(NftFamily::inet, "t"); });
  load("# nothing but a comment\n");
  load("flush ruleset\n");
}

}  // namespace
}  // namespace podwire::test
