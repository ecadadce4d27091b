#include "server/options.h"

#include <gtest/gtest.h>

namespace podwire::server {
namespace {

TEST(ServerOptions, TheTalksRangesAreTheDefault) {
  const auto o = options_of({});
  ASSERT_TRUE(o.has_value()) << o.error().message();
  EXPECT_EQ(o->cluster_cidrs.front().str(), "10.244.0.0/16");
  EXPECT_EQ(o->service_cidrs.front().str(), "10.96.0.0/12");
  EXPECT_EQ(o->node_mask_v4, 24U);
  EXPECT_EQ(o->node_ports.last, 32767);
  EXPECT_EQ(o->listen_address.str(), "127.0.0.1");
  EXPECT_EQ(o->cluster_dns.front().str(), "10.96.0.10");
}

TEST(ServerOptions, BothFamilies) {
  const auto o = options_of({.cluster_cidr = "fd00:1::/56,10.244.0.0/16",
                             .service_cidr = "fd00:2::/112,10.96.0.0/16",
                             .listen = "[::1]:0"});
  ASSERT_TRUE(o.has_value()) << o.error().message();
  EXPECT_EQ(o->cluster_cidrs.front().family(), Family::v6);
  EXPECT_EQ(o->cluster_dns.size(), 2U);
  EXPECT_EQ(o->cluster_dns.front().str(), "fd00:2::a");
  EXPECT_EQ(o->listen_port, 0);
}

void refused(const Flags& flags, std::string_view words) {
  const auto o = options_of(flags);
  ASSERT_FALSE(o.has_value()) << words;
  EXPECT_NE(o.error().message().find(words), std::string::npos) << o.error().message();
}

TEST(ServerOptions, Misuse) {
  refused({.cluster_cidr = "10.244.0.0"}, "is no range such as");
  refused({.cluster_cidr = ""}, "takes one range");
  refused({.cluster_cidr = "10.244.0.1/16"}, "did you mean 10.244.0.0/16?");
  refused({.cluster_cidr = "10.244.0.0/16,10.245.0.0/16"}, "one of IPv4 and one of IPv6");
  refused({.node_mask = 8}, "does not lie within 10.244.0.0/16");
  refused({.cluster_cidr = "fd00::/32", .node_mask_v6 = 64}, "too big");
  refused({.cluster_cidr = "10.244.0.0/16,fd00::/56", .node_mask = 24}, "--node-cidr-mask-size-ipv4");
  refused({.service_cidr = "10.0.0.0/8"}, "shortest prefix is /12");
  refused({.service_cidr = "10.96.0.0/30"}, "too few addresses");
  refused({.service_cidr = "10.244.128.0/20"}, "overlaps --cluster-cidr");
  refused({.node_port_range = "40000-30000"}, "--service-node-port-range");
  refused({.node_port_range = "0-3"}, "--service-node-port-range");
  refused({.listen = "localhost:80"}, "is no ADDRESS:PORT");
  refused({.listen = "127.0.0.1:99999"}, "is no ADDRESS:PORT");
  refused({.listen = "127.0.0.1"}, "is no ADDRESS:PORT");
  refused({.data_dir = ""}, "--data-dir");
  refused({.cluster_dns = "x"}, "--cluster-dns");
}

}  // namespace
}  // namespace podwire::server
