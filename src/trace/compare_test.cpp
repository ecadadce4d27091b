#include "trace/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trace/test_frames.h"

namespace podwire::trace {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Packet decoded(std::string_view hex) { return decode(from_hex(hex)); }

TEST(Compare, AHopReplacesTheEthernetHeaderAndTakesOneFromTheTtl) {
  const auto c = compare(decoded(kPing), decoded(kPingForwarded));
  ASSERT_TRUE(c.comparable);
  EXPECT_THAT(c.added, IsEmpty());
  EXPECT_THAT(c.removed, IsEmpty());
  EXPECT_TRUE(c.same_data);
  EXPECT_THAT(
      c.changes,
      ElementsAre(Change{LayerKind::ethernet, "destination", "02:00:00:00:01:0a", "02:00:00:00:00:0b"},
                  Change{LayerKind::ethernet, "source", "02:00:00:00:00:0a", "02:00:00:00:01:0b"},
                  Change{LayerKind::ipv4, "time to live", "64", "63"},
                  Change{LayerKind::ipv4, "header checksum", "0x88d9, good", "0x89d9, good"}));
  EXPECT_TRUE(c.changed(LayerKind::ipv4, "time to live"));
  EXPECT_FALSE(c.changed(LayerKind::ipv4, "source"));
}

TEST(Compare, TheSameTwice) {
  const auto c = compare(decoded(kUdp), decoded(kUdp));
  EXPECT_THAT(c.changes, IsEmpty());
  EXPECT_EQ(describe(c), "nothing changed\n");
}

TEST(Compare, TranslatedAddressesAndPorts) {
  auto bytes = from_hex(kUdp);
  bytes[33] = std::byte{9};     // 10.89.0.9
  bytes[37] = std::byte{0xea};  // port 5354
  const auto c = compare(decoded(kUdp), decode(bytes));
  EXPECT_TRUE(c.changed(LayerKind::ipv4, "destination"));
  EXPECT_TRUE(c.changed(LayerKind::udp, "destination port"));
  EXPECT_THAT(describe(c), testing::HasSubstr("IPv4 destination: 10.89.0.2 -> 10.89.0.9\n"));
}

TEST(Compare, ATunnelIsPutRoundAndTakenOff) {
  const auto tunnelled = decoded(kVxlanUdp);
  const auto& inner = tunnelled.layers[4];
  const auto naked = decode(std::span(tunnelled.bytes).subspan(inner.offset));
  const auto in = compare(naked, tunnelled);
  ASSERT_TRUE(in.comparable);
  EXPECT_THAT(in.added, ElementsAre(LayerKind::ethernet, LayerKind::ipv4, LayerKind::udp, LayerKind::vxlan));
  EXPECT_THAT(in.changes, IsEmpty());
  EXPECT_TRUE(in.same_data);
  const auto out = compare(tunnelled, naked);
  EXPECT_THAT(out.removed,
              ElementsAre(LayerKind::ethernet, LayerKind::ipv4, LayerKind::udp, LayerKind::vxlan));
  EXPECT_THAT(describe(in), testing::HasSubstr("VXLAN header put round it\n"));
}

TEST(Compare, DifferentDataIsSaid) {
  auto bytes = from_hex(kUdp);
  bytes.back() = std::byte{'!'};
  const auto c = compare(decoded(kUdp), decode(bytes));
  EXPECT_FALSE(c.same_data);
  EXPECT_EQ(describe(c), "the data is not the same\n");
}

TEST(Compare, PaddingDoesNotCount) {
  auto bytes = from_hex(kUdp);
  bytes.resize(60);
  const auto c = compare(decoded(kUdp), decode(bytes));
  EXPECT_TRUE(c.comparable);
  EXPECT_THAT(c.changes, IsEmpty());
  EXPECT_TRUE(c.same_data);
}

TEST(Compare, TwoThatHaveNothingInCommon) {
  EXPECT_FALSE(compare(decoded(kUdp), decoded(kPing)).comparable);
  EXPECT_EQ(describe(compare(decoded(kUdp), decoded(kPing))), "not the same packet\n");
}

}  // namespace
}  // namespace podwire::trace
