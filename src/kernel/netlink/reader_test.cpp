#include "kernel/netlink/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "kernel/netlink/writer.h"

namespace podwire::kernel::netlink {
namespace {
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::byte> raw(std::initializer_list<int> bytes) {
  std::vector<std::byte> out;
  for (const int b : bytes) out.push_back(static_cast<std::byte>(b));
  return out;
}

std::vector<int> types(std::span<const std::byte> bytes) {
  std::vector<int> out;
  for (const Attribute& a : Attributes(bytes)) out.push_back(a.type());
  return out;
}

TEST(Attributes, PaddingIsSkippedAndTheLastMayLackIt) {
  const auto bytes = raw({5, 0, 7, 0, 0xaa, 0, 0, 0, 6, 0, 8, 0, 1, 2});
  EXPECT_THAT(types(bytes), ElementsAre(7, 8));
  const auto last = Attributes(bytes).find(8);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->bytes().size(), 2u);
  EXPECT_EQ(last->value<std::uint16_t>(), 0x0201);
  EXPECT_EQ(last->value_be<std::uint16_t>(), 0x0102);
}

TEST(Attributes, LengthsThatLieEndTheIteration) {
  EXPECT_THAT(types(raw({})), IsEmpty());
  EXPECT_THAT(types(raw({4, 0, 1})), IsEmpty()) << "half a header";
  EXPECT_THAT(types(raw({3, 0, 1, 0})), IsEmpty()) << "shorter than its own header";
  EXPECT_THAT(types(raw({0, 0, 1, 0})), IsEmpty()) << "zero would never end";
  EXPECT_THAT(types(raw({9, 0, 1, 0, 1, 2, 3, 4})), IsEmpty()) << "one byte more than there is";
  EXPECT_THAT(types(raw({0xff, 0xff, 1, 0, 1, 2, 3, 4})), IsEmpty());
  EXPECT_THAT(types(raw({4, 0, 1, 0, 9, 0, 2, 0, 1})), ElementsAre(1)) << "what came before it is good";
}

TEST(Attributes, FlagBitsAreNoPartOfTheType) {
  EXPECT_THAT(types(raw({4, 0, 3, 0x80, 4, 0, 4, 0x40})), ElementsAre(3, 4));
}

TEST(Attribute, TooShortAPayloadIsNoValue) {
  const auto two = raw({1, 2});
  const Attribute a(1, two);
  EXPECT_EQ(a.as<std::uint32_t>(), std::nullopt);
  EXPECT_EQ(a.value<std::uint32_t>(9), 9u);
  EXPECT_EQ(a.value_be<std::uint32_t>(9), 9u);
  EXPECT_EQ(a.as<std::uint16_t>(), 0x0201);
  EXPECT_EQ(Attribute().as<std::uint8_t>(), std::nullopt);
}

TEST(Attribute, StringsEndAtTheFirstNulOrTheEnd) {
  const auto terminated = raw({'a', 'b', 0, 'c'}), open = raw({'a', 'b'});
  EXPECT_EQ(Attribute(1, terminated).string(), "ab");
  EXPECT_EQ(Attribute(1, open).string(), "ab");
  EXPECT_EQ(Attribute(1, {}).string(), "");
}

struct Fixed {
  std::uint32_t number;
  std::uint16_t half;
};

TEST(Messages, OneAfterTheOther) {
  Writer w;
  w.message(20, 0, Fixed{.number = 1, .half = 0}, 5);
  w.put(1, std::uint8_t{7});
  w.message(21, 0, Fixed{.number = 2, .half = 0}, 6);
  std::vector<std::pair<int, unsigned>> seen;
  for (const Message& m : Messages(w.bytes())) seen.emplace_back(m.type(), m.fixed<Fixed>()->number);
  EXPECT_THAT(seen, ElementsAre(std::pair(20, 1u), std::pair(21, 2u)));
}

TEST(Messages, TooShortForTheFixedStruct) {
  Writer w;
  w.message(20, 0);
  w.append(std::uint16_t{3});
  const Message m = *Messages(w.bytes()).begin();
  EXPECT_EQ(m.fixed<Fixed>(), std::nullopt);
  EXPECT_FALSE(m.attributes<Fixed>().find(0));
  EXPECT_TRUE(m.attributes<Fixed>().begin() == m.attributes<Fixed>().end());
}

TEST(Messages, LengthsThatLieEndTheIteration) {
  Writer w;
  w.message(20, 0, Fixed{});
  std::vector<std::byte> bytes(w.bytes().begin(), w.bytes().end());
  const auto count = [&] {
    int n = 0;
    for ([[maybe_unused]] const Message& m : Messages(bytes)) ++n;
    return n;
  };
  EXPECT_EQ(count(), 1);
  bytes[0] = std::byte{15};  // shorter than a header
  EXPECT_EQ(count(), 0);
  bytes[0] = std::byte{0};
  EXPECT_EQ(count(), 0);
  bytes[0] = static_cast<std::byte>(bytes.size() + 1);
  EXPECT_EQ(count(), 0);
  for (int i = 0; i < 4; ++i) bytes[i] = std::byte{0xff};  // aligned up it would be zero
  EXPECT_EQ(count(), 0);
}

TEST(Messages, EveryTruncationIsRead) {
  Writer w;
  w.message(20, 0, Fixed{});
  {
    const auto nest = w.nest(1);
    w.put_string(2, "deep");
  }
  w.message(21, 0, Fixed{});
  for (std::size_t n = 0; n <= w.size(); ++n) {
    // A copy on the heap, so that the address sanitizer sees a read beyond the end.
    const std::vector<std::byte> cut(w.bytes().begin(), w.bytes().begin() + static_cast<std::ptrdiff_t>(n));
    std::size_t inside = 0;
    for (const Message& m : Messages(cut)) {
      for (const Attribute& a : m.attributes<Fixed>()) {
        for (const Attribute& b : a.nested()) inside += b.string().size();
      }
    }
    EXPECT_LE(inside, 4u);
  }
}

}  // namespace
}  // namespace podwire::kernel::netlink
