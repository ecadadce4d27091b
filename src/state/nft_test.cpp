#include "state/nft.h"

#include <gtest/gtest.h>

#include <bit>

namespace podwire::state {
namespace {

IpAddr ip(const char* text) { return *IpAddr::parse(text); }

TEST(NftBytes, PadsEachComponentToFourBytes) {
  EXPECT_EQ(NftBytes().protocol(6).port(8080).hex(),
            "06000000"
            "1f900000");
  EXPECT_EQ(NftBytes().addr(ip("10.88.0.2")).port(80).hex(),
            "0a580002"
            "00500000");
}

TEST(NftBytes, BothFamiliesTakeTheSameCall) {
  EXPECT_EQ(NftBytes().addr(ip("192.0.2.1")).addr(ip("2001:db8::1")).hex(),
            "c0000201"
            "20010db8000000000000000000000001");
}

TEST(NftBytes, MarkIsInHostOrder) {
  EXPECT_EQ(NftBytes().mark(1).hex(), std::endian::native == std::endian::little ? "01000000" : "00000001");
}

TEST(NftBytes, InterfaceNameFillsSixteenBytesAndKeepsItsTerminator) {
  EXPECT_EQ(NftBytes().ifname("br0").hex(),
            "62723000"
            "00000000"
            "00000000"
            "00000000");
  EXPECT_EQ(NftBytes().ifname("sixteen-bytes-xx").bytes().back(), std::byte{0});
}

TEST(NftBytes, HexGoesBothWays) {
  const auto bytes = NftBytes().addr(ip("2001:db8::1")).protocol(17).port(53);
  const auto back = NftBytes::from_hex(bytes.hex());
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, bytes);
  ASSERT_TRUE(NftBytes::from_hex(""));
  EXPECT_TRUE(NftBytes::from_hex("")->empty());
  EXPECT_EQ(NftBytes::from_hex("0A")->hex(), "0a");
}

TEST(NftBytes, RefusesWhatIsNoHex) {
  for (const char* bad : {"a", "abc", "0g", "g0", "+1", "-1", " 1", "0x", "1f "}) {
    const auto r = NftBytes::from_hex(bad);
    ASSERT_FALSE(r) << bad;
    EXPECT_NE(r.error().message().find(bad), std::string::npos) << r.error().message();
  }
}

TEST(NftBytes, OrderIsByContent) {
  EXPECT_LT(NftBytes().port(80), NftBytes().port(443));
  EXPECT_NE(NftBytes().port(80), NftBytes().protocol(80));
}

TEST(NftElement, DescribesAllItHas) {
  EXPECT_EQ(describe(NftSet{NftFamily::ipv6, "t", "s"}), "ip6 t s");
  EXPECT_EQ(describe(NftElement{.key = NftBytes().port(80),
                                .key_end = NftBytes().port(90),
                                .data = NftBytes().mark(0),
                                .timeout = std::chrono::seconds(1),
                                .comment = "mine"}),
            "00500000-005a0000 : 00000000 timeout 1000ms comment \"mine\"");
  EXPECT_EQ(describe(NftElement{.key = NftBytes().port(80),
                                .verdict = NftVerdict{NftVerdict::Kind::goto_, "lb-2"}}),
            "00500000 : goto lb-2");
}

}  // namespace
}  // namespace podwire::state
