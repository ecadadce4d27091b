#include "server/continue_token.h"

#include <gtest/gtest.h>

namespace podwire::server {
namespace {

TEST(ContinueToken, ThereAndBack) {
  for (const ContinueToken& t : {ContinueToken{7, "default", "web-0"}, ContinueToken{~0ULL, "", "node-1"}})
    EXPECT_EQ(decode_continue(encode(t)), t);
}

TEST(ContinueToken, OthersAreRefused) {
  for (const char* text : {"", "x", "zz", "00", "312f", "312f612f", "2f612f62", "302f612f62", "785f2f612f62"})
    EXPECT_EQ(decode_continue(text).error().code, 400) << text;
}

}  // namespace
}  // namespace podwire::server
