#include "http/base_url.h"

#include <gtest/gtest.h>

namespace podwire::http {
namespace {

TEST(BaseUrl, Parts) {
  const auto url = parse_base_url("https://api.example:6443/a/b/");
  ASSERT_TRUE(url.has_value());
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->authority(), "api.example:6443");
  EXPECT_EQ(url->prefix, "/a/b");
}

TEST(BaseUrl, Ipv6) {
  const auto url = parse_base_url("http://[::1]:8080");
  ASSERT_TRUE(url.has_value());
  EXPECT_FALSE(url->tls);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->authority(), "[::1]:8080");
  EXPECT_EQ(url->prefix, "");
}

TEST(BaseUrl, PortsOfTheSchemes) {
  EXPECT_EQ(parse_base_url("https://a")->port, 443);
  EXPECT_EQ(parse_base_url("http://10.0.0.1/")->port, 80);
}

TEST(BaseUrl, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "a:1", "ftp://a", "https://", "https://:1", "https://a:", "https://a:0", "https://a:65536",
        "https://a:1x", "https://[::1", "https://[a]:1", "https://[::1]1", "https://[10.0.0.1]:1",
        "https://a/?x", "https://a#f", "https://a b", "https://a\r\nX: y", "https://::1"})
    EXPECT_FALSE(parse_base_url(text).has_value()) << text;
}

TEST(BaseUrl, PasswordsAreNotRepeated) {
  const auto refused = parse_base_url("https://me:secret@a");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace podwire::http
