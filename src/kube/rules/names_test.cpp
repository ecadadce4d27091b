#include "kube/rules/names.h"

#include <gtest/gtest.h>

namespace podwire::kube {
namespace {

TEST(Names, DnsLabels) {
  for (const std::string_view good : {"a", "a-b", "0a", "123-abc"})
    EXPECT_TRUE(dns1123_label(good).empty()) << good;
  for (const std::string_view bad : {"", "-a", "a-", "A", "a_b", "a b"})
    EXPECT_EQ(dns1123_label(bad).size(), 1U) << bad;
  EXPECT_EQ(dns1123_label("a.b"), Complaints{"must not contain dots"});
  EXPECT_EQ(dns1123_label(std::string(64, 'a')), Complaints{"must be no more than 63 bytes"});
  EXPECT_EQ(
      dns1123_label("A"),
      Complaints{
          "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
          "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
          "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"});
}

TEST(Names, ServicesStartWithALetter) {
  EXPECT_TRUE(dns1035_label("web-1").empty());
  EXPECT_EQ(
      dns1035_label("1web"),
      Complaints{
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
          "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
          "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"});
}

TEST(Names, Subdomains) {
  for (const std::string_view good : {"a", "a.b", "1.2.3.4", "x-y.z"})
    EXPECT_TRUE(dns1123_subdomain(good).empty());
  for (const std::string_view bad : {"", ".", "a.", ".a", "a..b", "a.-b"})
    EXPECT_EQ(dns1123_subdomain(bad).size(), 1U) << bad;
}

TEST(Names, QualifiedNames) {
  for (const std::string_view good : {"a", "A.b_c-d", "example.com/Name", "1/2"})
    EXPECT_TRUE(qualified_name(good).empty()) << good;
  EXPECT_EQ(qualified_name("/a"), Complaints{"prefix part must be non-empty"});
  EXPECT_EQ(qualified_name("a/").front(), "name part must be non-empty");
  EXPECT_TRUE(qualified_name("A_B/x").front().starts_with("prefix part a lowercase RFC 1123 subdomain"));
  EXPECT_TRUE(qualified_name("a/b/c").front().starts_with("a valid label key must consist of"));
  EXPECT_TRUE(qualified_name("a/b/c").front().ends_with(
      "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"));
}

TEST(Names, Ports) {
  EXPECT_TRUE(port_name("http-2").empty());
  EXPECT_EQ(port_name("8080"), Complaints{"must contain at least one letter (a-z)"});
  EXPECT_EQ(port_name("a--b"), Complaints{"must not contain consecutive hyphens"});
  EXPECT_EQ(port_name("-a"), Complaints{"must not begin or end with a hyphen"});
  EXPECT_EQ(port_name("HTTP").front(),
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  EXPECT_EQ(port_name("abcdefghijklmnop"), Complaints{"must be no more than 15 bytes"});
  EXPECT_EQ(port_number(0), Complaints{"must be between 1 and 65535, inclusive"});
  EXPECT_TRUE(port_number(65535).empty());
}

TEST(Names, KeysAndVariables) {
  EXPECT_TRUE(config_key("a_B-c.d").empty());
  EXPECT_EQ(config_key(".."), Complaints{"must not be '..'"});
  EXPECT_EQ(config_key("..a"), Complaints{"must not start with '..'"});
  EXPECT_EQ(
      config_key("a/b"),
      Complaints{
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
          "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"});
  EXPECT_TRUE(env_var_name("1 a.b").empty());
  EXPECT_EQ(env_var_name("a=b"),
            Complaints{"a valid environment variable name must consist only of printable ASCII "
                       "characters other than '='"});
  EXPECT_EQ(path_segment(".."), Complaints{"may not be '..'"});
  EXPECT_EQ(path_segment("a/b%c"), (Complaints{"may not contain '/'", "may not contain '%'"}));
  EXPECT_TRUE(path_segment("system:node").empty());
  EXPECT_EQ(ip_address("010.0.0.1"),
            Complaints{"must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"});
  EXPECT_EQ(cidr_block("10.0.0.0"),
            Complaints{"must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"});
  EXPECT_TRUE(ip_address("2001:db8::1").empty() && cidr_block("2001:db8::/64").empty());
}

TEST(Names, AreGenerated) {
  std::size_t next = 0;
  const auto suffix = name_suffix([&](std::size_t n) {
    EXPECT_EQ(n, kNameAlphabet.size());
    return next++ * 6;
  });
  EXPECT_EQ(suffix, "bjqx7");
  EXPECT_EQ(generated_name("web-", suffix), "web-bjqx7");
  EXPECT_EQ(generated_name(std::string(70, 'a'), suffix), std::string(58, 'a') + "bjqx7");
}

}  // namespace
}  // namespace podwire::kube
