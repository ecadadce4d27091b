#include "lab/text.h"

#include <gmock/gmock.h>

namespace podwire::lab {
namespace {
using testing::ElementsAre;

TEST(Text, CountsCodePointsNotBytes) {
  EXPECT_EQ(columns("abc"), 3U);
  EXPECT_EQ(columns("✓ ok"), 4U);
  EXPECT_EQ(columns("┌──┐"), 4U);
  EXPECT_EQ(columns(""), 0U);
}

TEST(Text, WrapsAtBlanks) {
  EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("one two three", 13), ElementsAre("one two three"));
  EXPECT_THAT(wrap("", 10), ElementsAre(""));
}

TEST(Text, MeasuresColumnsWhenItWraps) { EXPECT_THAT(wrap("✓✓✓ ✓✓✓", 7), ElementsAre("✓✓✓ ✓✓✓")); }

TEST(Text, KeepsALongWordWhole) {
  EXPECT_THAT(wrap("a 0123456789 b", 5), ElementsAre("a", "0123456789", "b"));
}

TEST(Text, KeepsLineBreaksAndDropsDoubleBlanks) {
  EXPECT_THAT(wrap("a  b\nc\n", 20), ElementsAre("a b", "c", ""));
}

TEST(Text, LinesOfOutputAreTrimmedAtTheirEnds) {
  EXPECT_THAT(lines_of("a \r\n\n  b\t\n\n\n"), ElementsAre("a", "", "  b"));
  EXPECT_THAT(lines_of(""), ElementsAre());
  EXPECT_THAT(lines_of("no newline"), ElementsAre("no newline"));
}

}  // namespace
}  // namespace podwire::lab
