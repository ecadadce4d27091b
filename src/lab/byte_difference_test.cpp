#include "lab/byte_difference.h"

#include <gmock/gmock.h>

namespace podwire::lab {
namespace {
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<ByteRange> differing_text(std::string_view a, std::string_view b) {
  return differing(std::as_bytes(std::span(a)), std::as_bytes(std::span(b)));
}

TEST(ByteDifference, FindsRuns) {
  EXPECT_THAT(differing_text("abcdef", "abcdef"), IsEmpty());
  EXPECT_THAT(differing_text("abcdef", "XYcdeZ"), ElementsAre(ByteRange{0, 1}, ByteRange{5, 5}));
}

TEST(ByteDifference, ALongerFrameDiffersAtItsEnd) {
  EXPECT_THAT(differing_text("abc", "abcde"), ElementsAre(ByteRange{3, 4}));
  EXPECT_THAT(differing_text("abc", ""), ElementsAre(ByteRange{0, 2}));
}

TEST(ByteDifference, IsDescribedByOffsets) {
  EXPECT_EQ(describe(std::vector<ByteRange>{{0, 11}, {22, 22}, {24, 25}}), "0-11, 22, 24-25");
  EXPECT_EQ(describe(std::vector<ByteRange>{}), "none");
}

TEST(ByteDifference, KnowsWhenAllIsWhereItMayBe) {
  const std::vector<ByteRange> parts{{0, 11}, {22, 22}};
  EXPECT_TRUE(all_inside({}, parts));
  EXPECT_TRUE(all_inside({{0, 5}, {7, 11}, {22, 22}}, parts));
  EXPECT_FALSE(all_inside({{0, 12}}, parts));
  EXPECT_FALSE(all_inside({{23, 23}}, parts));
}

}  // namespace
}  // namespace podwire::lab
