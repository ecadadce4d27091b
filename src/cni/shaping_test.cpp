#include "cni/shaping.h"

#include <gtest/gtest.h>

#include <limits>

#include "cni/resolv_conf.h"

namespace podwire::cni {
namespace {

TEST(Bucket, BitsBecomeBytes) {
  const auto b = bucket_of(8'000'000, 800'000, 1500);
  EXPECT_EQ(b.rate_bytes, 1'000'000U);
  EXPECT_EQ(b.burst_bytes, 100'000U);
  EXPECT_EQ(b.limit_bytes, 125'000U);
}

TEST(Bucket, ABurstSmallerThanAPacketIsWidened) { EXPECT_EQ(bucket_of(8000, 8, 1500).burst_bytes, 1514U); }

TEST(Bucket, ContainerdsMaximalBurstFitsTheKernel) {
  const auto b = bucket_of(8000, std::numeric_limits<std::uint64_t>::max(), 1500);
  EXPECT_LE(b.burst_bytes, b.limit_bytes);
}

TEST(ResolvConf, ReadsWhatGlibcReads) {
  const auto dns = parse_resolv_conf(
      "# c\nnameserver 10.0.0.1\nnameserver\tfd00::1\r\nsearch a b\nsearch c d\n"
      "options ndots:5 rotate\ndomain example.org\nsortlist x");
  EXPECT_EQ(dns.nameservers, (std::vector<std::string>{"10.0.0.1", "fd00::1"}));
  EXPECT_EQ(dns.search, (std::vector<std::string>{"c", "d"}));
  EXPECT_EQ(dns.options, (std::vector<std::string>{"ndots:5", "rotate"}));
  EXPECT_EQ(dns.domain, "example.org");
  EXPECT_TRUE(parse_resolv_conf("").empty());
  EXPECT_TRUE(parse_resolv_conf("nameserver").nameservers.empty());
}

}  // namespace
}  // namespace podwire::cni
