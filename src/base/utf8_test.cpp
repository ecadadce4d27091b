#include "base/utf8.h"

#include <gtest/gtest.h>

namespace podwire {
namespace {

TEST(Utf8, CharactersOfEveryLength) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("pod"));
  EXPECT_TRUE(
      is_utf8("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
  EXPECT_EQ(utf8_length("\xe2\x82\xac!"), 3U);
  EXPECT_EQ(utf8_length(""), 0U);
}

TEST(Utf8, WhatIsNone) {
  for (const std::string_view text :
       {"\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "ok\xfe"})
    EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
}

}  // namespace
}  // namespace podwire
