#include "client/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace podwire::client {
namespace {

using testing::ElementsAre;

std::vector<std::string> drain(Lines& lines) {
  std::vector<std::string> out;
  while (const auto line = lines.next()) out.emplace_back(*line);
  return out;
}

TEST(Lines, InPieces) {
  Lines lines(100);
  lines.add("a\n\nb");
  EXPECT_THAT(drain(lines), ElementsAre("a"));
  lines.add("c");
  EXPECT_THAT(drain(lines), ElementsAre());
  lines.add("\n \r\nd\n");
  EXPECT_THAT(drain(lines), ElementsAre("bc", "d"));
  EXPECT_FALSE(lines.too_long());
}

TEST(Lines, Bound) {
  Lines lines(3);
  lines.add("abc\n");
  EXPECT_THAT(drain(lines), ElementsAre("abc"));
  lines.add("ab\nabcd\nx\n");
  EXPECT_THAT(drain(lines), ElementsAre("ab"));
  EXPECT_TRUE(lines.too_long());
  Lines endless(3);
  endless.add("abc");
  EXPECT_FALSE(endless.next());
  EXPECT_FALSE(endless.too_long());
  endless.add("d");
  EXPECT_FALSE(endless.next());
  EXPECT_TRUE(endless.too_long());
}

}  // namespace
}  // namespace podwire::client
