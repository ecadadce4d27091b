#include "agent/cluster_dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podwire::agent {
namespace {

TEST(ClusterDns, ResolvConfNamesServers) {
  const auto found = nameservers(
      "# nameserver 192.0.2.9\nsearch a b\nnameserver 192.0.2.1\nnameserver\t2001:db8::1 # mine\n"
      "nameserverx 192.0.2.8\nnameserver192.0.2.7\nnameserver fe80::1%eth0\nnameserver\nnameserver "
      "192.0.2.2");
  std::vector<std::string> texts;
  for (const auto& address : found) texts.push_back(address.str());
  EXPECT_THAT(texts, testing::ElementsAre("192.0.2.1", "2001:db8::1", "192.0.2.2"));
  EXPECT_TRUE(nameservers("").empty());
}

TEST(ClusterDns, IsServedWherePodsRun) {
  const DnsFlags none{.resolv_conf = "/nonexistent"};
  EXPECT_EQ(*cluster_dns(none, false), nullptr);
  EXPECT_NE(*cluster_dns(none, true), nullptr);
  EXPECT_EQ(*cluster_dns({.serve = false}, true), nullptr);
  EXPECT_NE(*cluster_dns({.serve = true, .upstream = ""}, false), nullptr);
  EXPECT_FALSE(cluster_dns({.upstream = "192.0.2.1"}, false));
  EXPECT_FALSE(cluster_dns({.upstream = "192.0.2.1,dns.example"}, true));
  EXPECT_TRUE(cluster_dns({.upstream = "192.0.2.1,2001:db8::1"}, true));
}

}  // namespace
}  // namespace podwire::agent
