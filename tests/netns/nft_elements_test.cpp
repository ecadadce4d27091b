#include "tests/netns/nft_test.h"

// Elements of sets and maps as the kernel keeps them, read back by us and by `nft`.

namespace podwire::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

const NftSet kPorts{NftFamily::inet, "t", "ports"};
const NftSet kPorts6{NftFamily::inet, "t", "ports6"};
const NftSet kPairs{NftFamily::inet, "t", "pairs"};
const NftSet kSeen{NftFamily::inet, "t", "seen"};
const NftSet kInside{NftFamily::inet, "t", "inside"};
const NftSet kInside6{NftFamily::inet, "t", "inside6"};
const NftSet kServices{NftFamily::inet, "t", "services"};
const NftSet kLinks{NftFamily::inet, "t", "links"};

class NftElements : public NftTest {
 protected:
  void SetUp() override {
    NftTest::SetUp();
    load(R"(
      table inet t {
        map ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
        map ports6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
        set pairs { type ipv4_addr . ipv4_addr; }
        set seen { type ipv4_addr . inet_service; flags timeout; }
        set inside { type ipv4_addr . ipv4_addr; flags interval; }
        set inside6 { type ipv6_addr . ipv6_addr; flags interval; }
        map services { type ipv4_addr . inet_proto . inet_service : verdict; }
        set links { type ifname . mark; }
        chain lb-2 {}
        chain lb-3 {}
      }
    )");
  }
};

NftElement port(std::uint16_t from, const char* to, std::uint16_t to_port, std::string comment = {}) {
  return {.key = NftBytes().protocol(6).port(from),
          .data = NftBytes().addr(ip(to)).port(to_port),
          .comment = std::move(comment)};
}

NftElement pair(const char* a, const char* b) { return {.key = NftBytes().addr(ip(a)).addr(ip(b))}; }

NftElement networks(const char* a, const char* b) {
  const Cidr from = *Cidr::parse(a), to = *Cidr::parse(b);
  return {.key = NftBytes().addr(from.first()).addr(to.first()),
          .key_end = NftBytes().addr(from.last()).addr(to.last())};
}

TEST_F(NftElements, MapsOfConcatenationsInBothFamilies) {
  commit(NftBatch().add(kPorts, {port(8080, "10.88.0.2", 80)}).add(kPorts6, {port(8443, "fd00:88::2", 443)}));
  EXPECT_THAT(tool({"list", "map", "inet", "t", "ports"}), HasSubstr("tcp . 8080 : 10.88.0.2 . 80"));
  EXPECT_THAT(tool({"list", "map", "inet", "t", "ports6"}), HasSubstr("tcp . 8443 : fd00:88::2 . 443"));
  EXPECT_EQ(elements(kPorts), std::vector{port(8080, "10.88.0.2", 80)});
  EXPECT_EQ(elements(kPorts6), std::vector{port(8443, "fd00:88::2", 443)});
}

TEST_F(NftElements, NamesAndMarksAreReadAsNftWritesThem) {
  tool({"add", "element", "inet", "t", "links", "{ \"eth0.5\" . 0x00010203 }"});
  EXPECT_EQ(elements(kLinks), std::vector{(NftElement{.key = NftBytes().ifname("eth0.5").mark(0x00010203)})});
}

TEST_F(NftElements, CommentsAreShownByNftAndReadBack) {
  const std::string longest(127, 'c');
  commit(NftBatch().add(kPorts, {port(1, "10.0.0.1", 1, "lab/pod-1 eth0"), port(2, "10.0.0.2", 2, longest)}));
  const std::string listed = tool({"list", "map", "inet", "t", "ports"});
  EXPECT_THAT(listed, HasSubstr("tcp . 1 comment \"lab/pod-1 eth0\" : 10.0.0.1 . 1"));
  EXPECT_THAT(listed, HasSubstr("comment \"" + longest + "\""));
  EXPECT_EQ(get(kPorts, port(1, "10.0.0.1", 1).key)->comment, "lab/pod-1 eth0");
  EXPECT_EQ(get(kPorts, port(2, "10.0.0.1", 1).key)->comment, longest);
  tool({"add", "element", "inet", "t", "ports", "{ udp . 3 comment \"by hand\" : 10.0.0.3 . 3 }"});
  EXPECT_EQ(get(kPorts, NftBytes().protocol(17).port(3))->comment, "by hand");
}

TEST_F(NftElements, TimeoutsRunAndAreReadBack) {
  commit(NftBatch().add(kSeen, {{.key = NftBytes().addr(ip("10.0.0.1")).port(53), .timeout = hours(1)}}));
  EXPECT_THAT(listing(kSeen), HasSubstr("10.0.0.1 . 53 timeout 1h expires "));
  const auto seen = get(kSeen, NftBytes().addr(ip("10.0.0.1")).port(53));
  ASSERT_TRUE(seen && seen->timeout && seen->expires);
  EXPECT_EQ(*seen->timeout, hours(1));
  EXPECT_GT(*seen->expires, milliseconds(0));
  EXPECT_LE(*seen->expires, hours(1));
}

TEST_F(NftElements, IntervalsOfConcatenationsHoldWhatIsBetween) {
  commit(NftBatch()
             .add(kInside,
                  {networks("10.244.0.0/24", "10.244.0.0/16"), networks("172.17.0.0/16", "172.17.0.0/16")})
             .add(kInside6, {networks("fd00:1::/64", "fd00:1::/64")}));
  EXPECT_THAT(listing(kInside), HasSubstr("10.244.0.0/24 . 10.244.0.0/16"));
  EXPECT_THAT(listing(kInside6), HasSubstr("fd00:1::/64 . fd00:1::/64"));
  // A key between finds the interval; one outside does not.
  EXPECT_EQ(get(kInside, pair("10.244.0.7", "10.244.9.9").key), networks("10.244.0.0/24", "10.244.0.0/16"));
  EXPECT_EQ(get(kInside, pair("10.244.1.7", "10.244.9.9").key), std::nullopt);
  commit(NftBatch().remove(kInside, {networks("172.17.0.0/16", "172.17.0.0/16")}));
  EXPECT_EQ(elements(kInside), std::vector{networks("10.244.0.0/24", "10.244.0.0/16")});
}

TEST_F(NftElements, VerdictMapsLeadToChains) {
  const auto key = [](std::uint16_t p) { return NftBytes().addr(ip("10.96.0.1")).protocol(6).port(p); };
  commit(NftBatch().add(kServices, {{.key = key(443), .verdict = NftVerdict{NftVerdict::Kind::goto_, "lb-2"}},
                                    {.key = key(80), .verdict = NftVerdict{NftVerdict::Kind::jump, "lb-3"}},
                                    {.key = key(81), .verdict = NftVerdict{NftVerdict::Kind::drop}},
                                    {.key = key(82), .verdict = NftVerdict{NftVerdict::Kind::accept}}}));
  const std::string listed = tool({"list", "map", "inet", "t", "services"});
  for (const char* shown : {"10.96.0.1 . tcp . 443 : goto lb-2", "10.96.0.1 . tcp . 80 : jump lb-3",
                            "10.96.0.1 . tcp . 81 : drop", "10.96.0.1 . tcp . 82 : accept"})
    EXPECT_THAT(listed, HasSubstr(shown));
  EXPECT_EQ(get(kServices, key(443))->verdict, (NftVerdict{NftVerdict::Kind::goto_, "lb-2"}));
  EXPECT_EQ(get(kServices, key(81))->verdict, (NftVerdict{NftVerdict::Kind::drop, ""}));
  const Error e = refused(
      NftBatch().add(kServices, {{.key = key(1), .verdict = NftVerdict{NftVerdict::Kind::goto_, "lb-9"}}}));
  EXPECT_EQ(e.sys_errno, ENOENT) << e.message();
  EXPECT_THAT(e.object, HasSubstr("goto lb-9"));
}

TEST_F(NftElements, ManyElementsGoInOneTransactionAndComeBackWhole) {
  constexpr unsigned kMany = 20'000;
  std::vector<NftElement> wanted;
  for (unsigned i = 0; i < kMany; ++i)
    wanted.push_back({.key = NftBytes()
                                 .addr(IpAddr::from_value(Family::v4, 0x0a000000 + i))
                                 .addr(IpAddr::from_value(Family::v4, 0x0b000000 + i)),
                      .comment = "number " + std::to_string(i)});
  commit(NftBatch().add(kPairs, wanted));
  // The hash table grows while we list: see NetlinkNft::elements.
  const auto found = elements(kPairs);
  EXPECT_TRUE(found == wanted) << found.size() << " elements came back";
  // One refused among many is named, wherever its message ends.
  std::vector<NftElement> gone = wanted;
  gone[15'000] = pair("192.0.2.1", "192.0.2.2");
  const Error e = refused(NftBatch().remove(kPairs, gone));
  EXPECT_EQ(e.sys_errno, ENOENT);
  EXPECT_EQ(e.object, "inet t pairs, element c0000201c0000202");
  EXPECT_EQ(elements(kPairs).size(), kMany) << "a refused transaction changed the set";
  commit(NftBatch().remove(kPairs, wanted));
  EXPECT_TRUE(elements(kPairs).empty());
}

TEST_F(NftElements, GetFindsOneByItsKey) {
  commit(NftBatch().add(kPorts, {port(8080, "10.88.0.2", 80), port(8081, "10.88.0.3", 80)}));
  EXPECT_EQ(get(kPorts, NftBytes().protocol(6).port(8081)), port(8081, "10.88.0.3", 80));
  EXPECT_EQ(get(kPorts, NftBytes().protocol(17).port(8081)), std::nullopt);
  const auto no_set = nft->get({NftFamily::inet, "t", "absent"}, NftBytes().port(1));
  ASSERT_FALSE(no_set);
  EXPECT_EQ(no_set.error().sys_errno, ENOENT);
  EXPECT_EQ(no_set.error().object, "inet t absent");
}

}  // namespace
}  // namespace podwire::test
