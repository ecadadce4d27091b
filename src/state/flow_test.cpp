#include "state/flow.h"

#include <gtest/gtest.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

namespace podwire::state {
namespace {

IpAddr ip(const char* text) { return *IpAddr::parse(text); }

/// A client outside reaches a published port: the answer comes from the container.
Flow published() {
  return {.original = {ip("192.0.2.9"), ip("192.0.2.1"), IPPROTO_TCP, 40000, 8080},
          .reply = {ip("10.88.0.2"), ip("192.0.2.9"), IPPROTO_TCP, 80, 40000},
          .status = IPS_SEEN_REPLY | IPS_ASSURED | IPS_DST_NAT,
          .mark = 7};
}

TEST(FlowFilter, WithoutAWishMatchesAll) {
  EXPECT_TRUE(FlowFilter{}.matches(published()));
  EXPECT_TRUE(FlowFilter{}.matches(Flow{}));
}

TEST(FlowFilter, EachFieldDecidesAlone) {
  const Flow flow = published();
  const struct {
    FlowFilter yes, no;
  } cases[] = {
      {{.family = Family::v4}, {.family = Family::v6}},
      {{.protocol = IPPROTO_TCP}, {.protocol = IPPROTO_UDP}},
      {{.original_src = ip("192.0.2.9")}, {.original_src = ip("192.0.2.1")}},
      {{.original_dst = ip("192.0.2.1")}, {.original_dst = ip("10.88.0.2")}},
      {{.reply_src = ip("10.88.0.2")}, {.reply_src = ip("192.0.2.1")}},
      {{.original_dst_port = 8080}, {.original_dst_port = 80}},
      {{.reply_src_port = 80}, {.reply_src_port = 8080}},
      {{.mark = 7}, {.mark = 0}},
  };
  for (const auto& c : cases) {
    EXPECT_TRUE(c.yes.matches(flow)) << &c - cases;
    EXPECT_FALSE(c.no.matches(flow)) << &c - cases;
  }
}

TEST(FlowFilter, AllFieldsMustMatch) {
  EXPECT_TRUE((FlowFilter{.protocol = IPPROTO_TCP, .original_dst_port = 8080}.matches(published())));
  EXPECT_FALSE((FlowFilter{.protocol = IPPROTO_UDP, .original_dst_port = 8080}.matches(published())));
}

TEST(FlowFilter, AnAddressOfTheOtherFamilyNeverMatches) {
  EXPECT_FALSE(FlowFilter{.original_dst = ip("::ffff:192.0.2.1")}.matches(published()));
}

TEST(Flow, DescribesTheTranslation) {
  EXPECT_EQ(
      describe(published()),
      "tcp 192.0.2.9:40000 -> 192.0.2.1:8080, answered 10.88.0.2:80 -> 192.0.2.9:40000 (assured) mark 0x7");
}

TEST(Flow, DescribesAPlainUnansweredOne) {
  const Flow flow{.original = {ip("2001:db8::1"), ip("2001:db8::2"), IPPROTO_UDP, 5, 53},
                  .reply = {ip("2001:db8::2"), ip("2001:db8::1"), IPPROTO_UDP, 53, 5},
                  .zone = 3};
  EXPECT_EQ(describe(flow), "udp [2001:db8::1]:5 -> [2001:db8::2]:53 (unanswered) zone 3");
}

TEST(Flow, DescribesIcmpByIdTypeAndCode) {
  const Flow flow{.original = {ip("10.0.0.1"), ip("10.0.0.2"), IPPROTO_ICMP, 99, 8 << 8},
                  .status = IPS_SEEN_REPLY};
  EXPECT_EQ(describe(flow), "icmp 10.0.0.1 -> 10.0.0.2 id 99 type 8 code 0");
}

}  // namespace
}  // namespace podwire::state
