#include "kernel/netlink/writer.h"

#include <gtest/gtest.h>

#include "kernel/netlink/reader.h"

namespace podwire::kernel::netlink {
namespace {

Message only(const Writer& w) {
  const Messages all(w.bytes());
  auto at = all.begin();
  EXPECT_FALSE(at == all.end());
  const Message m = *at;
  EXPECT_TRUE(++at == all.end());
  return m;
}

TEST(Writer, AMessageIsWholeAfterEveryCall) {
  Writer w;
  EXPECT_TRUE(w.empty());
  w.message(16, NLM_F_CREATE, std::uint32_t{7});  // a sequence number, not a fixed struct
  EXPECT_EQ(only(w).sequence(), 7u);
  EXPECT_EQ(only(w).flags(), NLM_F_CREATE | NLM_F_REQUEST);
  w.put(1, std::uint8_t{3});
  w.put_string(2, "br0");
  w.put_flag(3);
  w.put_be(4, std::uint16_t{8472});
  const auto attributes = Attributes(only(w).payload());
  EXPECT_EQ(attributes.find(1)->value<std::uint8_t>(), 3);
  EXPECT_EQ(attributes.find(2)->bytes().size(), 4u) << "with its NUL";
  EXPECT_EQ(attributes.find(2)->string(), "br0");
  EXPECT_EQ(attributes.find(3)->bytes().size(), 0u);
  EXPECT_EQ(attributes.find(4)->value_be<std::uint16_t>(), 8472);
  EXPECT_EQ(attributes.find(4)->bytes()[0], std::byte{0x21});
  EXPECT_EQ(w.size() % 4, 0u);
}

TEST(Writer, NestsEndWithTheirScope) {
  Writer w;
  w.message(16, 0);
  {
    const auto outer = w.nest(1);
    {
      const auto inner = w.nest(2);
      w.put(3, std::uint32_t{42});
      EXPECT_EQ(inner.size(), 4u + 8u);
    }
    w.put(4, std::uint8_t{1});
  }
  w.put(5, std::uint8_t{2});
  const auto top = Attributes(only(w).payload());
  const auto outer = top.find(1);
  ASSERT_TRUE(outer);
  EXPECT_EQ(outer->nested().find(2)->nested().find(3)->value<std::uint32_t>(), 42u);
  EXPECT_TRUE(outer->nested().find(4));
  EXPECT_FALSE(outer->nested().find(5));
  EXPECT_TRUE(top.find(5));
}

TEST(Writer, ManyMessagesWithNumbersOfTheirOwn) {
  Writer w;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    w.message(16, 0, i);
    w.put(1, i * 10);
  }
  w.add_flags(NLM_F_ACK);
  std::uint32_t at = 0;
  for (const Message& m : Messages(w.bytes())) {
    ++at;
    EXPECT_EQ(m.sequence(), at);
    EXPECT_EQ(Attributes(m.payload()).find(1)->value<std::uint32_t>(), at * 10);
    EXPECT_EQ((m.flags() & NLM_F_ACK) != 0, at == 3) << "only the last was changed";
  }
  EXPECT_EQ(at, 3u);
  w.set_sequence(99);
  EXPECT_EQ(Messages(w.bytes()).begin()->sequence(), 1u);
}

TEST(Writer, WhatOutgrowsAnAttributeDoesNotFit) {
  const std::vector<std::byte> largest(65'531), larger(65'532);
  Writer w;
  w.message(16, 0);
  w.put_bytes(1, largest);
  EXPECT_TRUE(w.fits());
  w.put_bytes(2, larger);
  EXPECT_FALSE(w.fits());
  EXPECT_FALSE(Attributes(only(w).payload()).find(2));
  w.clear();
  EXPECT_TRUE(w.fits());
  EXPECT_TRUE(w.empty());

  w.message(16, 0);
  w.put_string(1, std::string(65'530, 'x'));
  EXPECT_TRUE(w.fits());
  w.put_string(1, std::string(65'531, 'x'));
  EXPECT_FALSE(w.fits());
}

TEST(Writer, ANestThatGrowsTooLargeDoesNotFit) {
  Writer w;
  w.message(16, 0);
  {
    const auto nest = w.nest(1);
    const std::vector<std::byte> half(40'000);
    w.put_bytes(2, half);
    EXPECT_TRUE(w.fits());
    w.put_bytes(2, half);
  }
  EXPECT_FALSE(w.fits());
}

}  // namespace
}  // namespace podwire::kernel::netlink
