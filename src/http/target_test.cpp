#include "http/target.h"

#include <gtest/gtest.h>

namespace podwire::http {
namespace {

TEST(Target, PathAndQuery) {
  const auto t = parse_target("/api/v1//pods?labelSelector=a%3Db%2Cc&watch&x=1+2");
  ASSERT_TRUE(t.has_value());
  EXPECT_EQ(t->segments, (std::vector<std::string>{"api", "v1", "pods"}));
  EXPECT_EQ(t->query, (std::vector<std::pair<std::string, std::string>>{
                          {"labelSelector", "a=b,c"}, {"watch", ""}, {"x", "1 2"}}));
  EXPECT_EQ(t->path(), "/api/v1/pods");
}

TEST(Target, AnEscapedSlashIsNoSeparator) {
  EXPECT_EQ(parse_target("/a%2fb/c")->segments, (std::vector<std::string>{"a/b", "c"}));
  EXPECT_EQ(parse_target("/")->path(), "/");
}

TEST(Target, BrokenOnesAreRefused) {
  for (const char* text : {"", "api", "*", "/a%", "/a%2", "/a%zz", "/?x=%g0", "http://h/a"})
    EXPECT_FALSE(parse_target(text).has_value()) << text;
  EXPECT_TRUE(parse_target("/a%41").has_value());
}

}  // namespace
}  // namespace podwire::http
