#include "base/addr.h"

#include <gtest/gtest.h>

#include <random>

namespace podwire {
namespace {

TEST(IpAddr, GoodTexts) {
  struct Case {
    const char *text, *canonical;
    Family family;
  };
  for (const auto& c :
       {Case{"0.0.0.0", "0.0.0.0", Family::v4}, Case{"10.244.1.2", "10.244.1.2", Family::v4},
        Case{"255.255.255.255", "255.255.255.255", Family::v4}, Case{"::", "::", Family::v6},
        Case{"::1", "::1", Family::v6}, Case{"2001:DB8:0:0:0:0:0:1", "2001:db8::1", Family::v6},
        Case{"fe80::1", "fe80::1", Family::v6}, Case{"::ffff:10.0.0.1", "::ffff:10.0.0.1", Family::v6}}) {
    const auto addr = IpAddr::parse(c.text);
    ASSERT_TRUE(addr) << c.text;
    EXPECT_EQ(addr->str(), c.canonical);
    EXPECT_EQ(addr->family(), c.family) << c.text;
  }
}

TEST(IpAddr, BadTexts) {
  using namespace std::string_view_literals;
  for (const auto text :
       {""sv, "10.0.0"sv, "10.0.0.256"sv, "10.0.0.01"sv, "10.0.0.1/24"sv, " 10.0.0.1"sv, "10.0.0.1 "sv,
        "10.0.0.1\n"sv, "a.b.c.d"sv, ":"sv, ":::"sv, "1::2::3"sv, "fe80::1%eth0"sv, "12345::"sv,
        "localhost"sv, "0x0a000001"sv, "10.0.0.1\0.evil"sv, "10.0.0.1\0"sv}) {
    const auto addr = IpAddr::parse(text);
    ASSERT_FALSE(addr) << text;
    EXPECT_EQ(addr.error().object, "\"" + std::string(text) + "\"") << "the error quotes what was given";
  }
}

TEST(IpAddr, WhatItIs) {
  const auto ip = [](const char* text) { return *IpAddr::parse(text); };
  for (const char* text : {"127.0.0.1", "127.255.0.1", "::1"}) EXPECT_TRUE(ip(text).is_loopback()) << text;
  for (const char* text : {"128.0.0.1", "::2"}) EXPECT_FALSE(ip(text).is_loopback()) << text;
  for (const char* text : {"224.0.0.1", "239.255.255.255", "ff02::1"})
    EXPECT_TRUE(ip(text).is_multicast()) << text;
  for (const char* text : {"223.255.255.255", "240.0.0.1", "fe80::1"})
    EXPECT_FALSE(ip(text).is_multicast()) << text;
  for (const char* text : {"169.254.1.1", "fe80::1", "febf::1"})
    EXPECT_TRUE(ip(text).is_link_local()) << text;
  for (const char* text : {"169.253.1.1", "fec0::1"}) EXPECT_FALSE(ip(text).is_link_local()) << text;
  for (const char* text : {"0.0.0.0", "::"}) EXPECT_TRUE(ip(text).is_any()) << text;
  EXPECT_EQ(IpAddr(), ip("0.0.0.0"));
}

TEST(IpAddr, OrderIsIpv4FirstThenByNumber) {
  const auto ip = [](const char* text) { return *IpAddr::parse(text); };
  EXPECT_LT(ip("9.255.255.255"), ip("10.0.0.0"));
  EXPECT_LT(ip("255.255.255.255"), ip("::"));
  EXPECT_LT(ip("::ff"), ip("::100"));
}

TEST(IpAddr, BytesAreNetworkOrderAndOnlyFourOrSixteen) {
  const auto addr = *IpAddr::parse("10.1.2.3");
  const auto bytes = addr.bytes();
  ASSERT_EQ(bytes.size(), 4u);
  EXPECT_EQ(bytes[0], std::byte{10});
  EXPECT_EQ(bytes[3], std::byte{3});
  const std::array<std::byte, 17> raw{};
  for (std::size_t n = 0; n <= raw.size(); ++n)
    EXPECT_EQ(IpAddr::from_bytes(std::span(raw).first(n)).has_value(), n == 4 || n == 16) << n;
}

TEST(Cidr, GoodAndBadTexts) {
  for (const char* text : {"0.0.0.0/0", "10.0.0.0/8", "10.244.1.7/24", "10.0.0.1/32", "::/0", "2001:db8::/64",
                           "2001:db8::1/128"}) {
    const auto cidr = Cidr::parse(text);
    ASSERT_TRUE(cidr) << text;
    EXPECT_EQ(cidr->str(), text) << "host bits are kept";
  }
  for (const char* text : {"", "/", "10.0.0.0", "10.0.0.0/", "/24", "10.0.0.0/33", "10.0.0.0/-1",
                           "10.0.0.0/+8", "10.0.0.0/024", "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0",
                           "10.0.0/8", "2001:db8::/129", "10.0.0.0/4294967304"})
    EXPECT_FALSE(Cidr::parse(text)) << text;
}

TEST(Cidr, FirstLastAndNetmask) {
  struct Case {
    const char *cidr, *first, *last, *netmask;
  };
  for (const auto& c :
       {Case{"10.244.1.7/24", "10.244.1.0", "10.244.1.255", "255.255.255.0"},
        Case{"10.0.0.1/32", "10.0.0.1", "10.0.0.1", "255.255.255.255"},
        Case{"10.0.0.1/31", "10.0.0.0", "10.0.0.1", "255.255.255.254"},
        Case{"1.2.3.4/0", "0.0.0.0", "255.255.255.255", "0.0.0.0"},
        Case{"2001:db8::5/64", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::"},
        Case{"2001:db8::5/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::"},
        Case{"2001:db8::5/128", "2001:db8::5", "2001:db8::5", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}}) {
    const auto cidr = *Cidr::parse(c.cidr);
    EXPECT_EQ(cidr.first().str(), c.first);
    EXPECT_EQ(cidr.last().str(), c.last);
    EXPECT_EQ(cidr.netmask().str(), c.netmask);
    EXPECT_TRUE(cidr.network().is_network());
  }
}

TEST(Cidr, ContainsAndOverlaps) {
  const auto cidr = [](const char* text) { return *Cidr::parse(text); };
  EXPECT_TRUE(cidr("10.244.0.0/16").contains(*IpAddr::parse("10.244.255.255")));
  EXPECT_FALSE(cidr("10.244.0.0/16").contains(*IpAddr::parse("10.245.0.0")));
  EXPECT_FALSE(cidr("::/0").contains(*IpAddr::parse("10.0.0.1"))) << "families do not mix";
  EXPECT_TRUE(cidr("10.244.0.0/16").overlaps(cidr("10.244.3.0/24")));
  EXPECT_TRUE(cidr("10.244.3.0/24").overlaps(cidr("10.244.0.0/16")));
  EXPECT_FALSE(cidr("10.244.3.0/24").overlaps(cidr("10.244.4.0/24")));
  EXPECT_FALSE(cidr("0.0.0.0/0").overlaps(cidr("::/0")));
  EXPECT_EQ(Cidr(*IpAddr::parse("10.0.0.1"), 99).length(), 32u) << "a longer length is cut";
}

TEST(Mac, GoodAndBadTexts) {
  EXPECT_EQ(Mac::parse("0a:58:0A:F4:01:02")->str(), "0a:58:0a:f4:01:02");
  for (const char* text :
       {"", "0a:58:0a:f4:01", "0a:58:0a:f4:01:02:03", "0a-58-0a-f4-01-02", "0a:58:0a:f4:01:0g",
        "0a580af40102     ", "+a:58:0a:f4:01:02", "0a:58:0a:f4:01: 2", "a:58:0a:f4:01:02:"})
    EXPECT_FALSE(Mac::parse(text)) << text;
  const std::array<std::byte, 7> raw{};
  EXPECT_FALSE(Mac::from_bytes(std::span(raw)));
  EXPECT_TRUE(Mac::from_bytes(std::span(raw).first(6))->is_zero());
}

TEST(Mac, DerivedFromANameIsStableAndLocal) {
  EXPECT_EQ(Mac::derived_from("eth0").str(), "86:ac:59:ff:66:09") << "a link keeps its MAC across releases";
  EXPECT_NE(Mac::derived_from("eth0"), Mac::derived_from("eth1"));
  for (int i = 0; i < 1000; ++i) {
    const auto first = std::to_integer<int>(Mac::derived_from(std::to_string(i)).bytes()[0]);
    EXPECT_EQ(first & 3, 2) << "locally administered, unicast";
  }
}

/// What is printed is read back as the same value, for both families and over all lengths.
TEST(Addresses, ParseOfStrIsTheSame) {
  std::mt19937_64 random(20240601);
  for (int i = 0; i < 20000; ++i) {
    const auto family = i % 2 == 0 ? Family::v4 : Family::v6;
    u128 value = static_cast<u128>(random()) << 64 | random();
    if (i % 5 == 0)
      value &= static_cast<u128>(random()) & (static_cast<u128>(random()) << 64);  // runs of zeros
    const auto addr = IpAddr::from_value(family, value);
    ASSERT_EQ(*IpAddr::parse(addr.str()), addr);
    ASSERT_EQ(IpAddr::from_value(family, addr.value()), addr);
    ASSERT_EQ(*IpAddr::from_bytes(addr.bytes()), addr);
    const Cidr cidr(addr, static_cast<unsigned>(random() % (address_bits(family) + 1)));
    ASSERT_EQ(*Cidr::parse(cidr.str()), cidr);
    ASSERT_TRUE(cidr.contains(cidr.first()) && cidr.contains(cidr.last()) && cidr.contains(addr));
    ASSERT_TRUE(cidr.is_host() || cidr.first() < cidr.last());
    std::array<std::uint8_t, 6> six{};
    for (auto& b : six) b = static_cast<std::uint8_t>(random());
    ASSERT_EQ(*Mac::parse(Mac(six).str()), Mac(six));
  }
}

/// The order of addresses is the order of their numbers.
TEST(Addresses, OrderFollowsTheNumber) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    const u128 a = static_cast<u128>(random()) << 64 | random(),
               b = static_cast<u128>(random()) << 64 | random();
    const auto x = IpAddr::from_value(Family::v6, a), y = IpAddr::from_value(Family::v6, b);
    ASSERT_EQ(x < y, a < b);
  }
}

}  // namespace
}  // namespace podwire
