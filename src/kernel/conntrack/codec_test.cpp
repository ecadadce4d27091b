#include "kernel/conntrack/codec.h"

#include <gtest/gtest.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

namespace podwire::kernel {
namespace {

using state::Flow;
using state::FlowTuple;

FlowTuple tuple(const char* src, const char* dst, std::uint8_t protocol, std::uint16_t a, std::uint16_t b) {
  return {*IpAddr::parse(src), *IpAddr::parse(dst), protocol, a, b};
}

netlink::Message first(const netlink::Writer& w) { return *netlink::Messages(w.bytes()).begin(); }

TEST(FlowCodec, ADeletionNamesOneFlow) {
  for (const FlowTuple& t : {tuple("192.0.2.1", "192.0.2.2", IPPROTO_TCP, 40000, 80),
                             tuple("fd00::1", "fd00::2", IPPROTO_UDP, 5, 53),
                             tuple("192.0.2.1", "192.0.2.2", IPPROTO_ICMP, 77, 8 << 8),
                             tuple("fd00::1", "fd00::2", IPPROTO_ICMPV6, 77, 128 << 8)}) {
    netlink::Writer w;
    put_flow_deletion(w, Flow{.original = t, .zone = 9, .id = 0xdeadbeef});
    const auto header = first(w).fixed<nfgenmsg>();
    ASSERT_TRUE(header);
    EXPECT_EQ(header->nfgen_family, static_cast<std::uint8_t>(t.src.family()));
    const auto attributes = first(w).attributes<nfgenmsg>();
    EXPECT_EQ(attributes.find(CTA_ID)->value_be<std::uint32_t>(), 0xdeadbeef);
    EXPECT_EQ(attributes.find(CTA_ZONE)->value_be<std::uint16_t>(), 9);
    // Completed to a listing, it reads as the tuple that went in.
    const auto original = attributes.find(CTA_TUPLE_ORIG);
    ASSERT_TRUE(original);
    w.put_bytes(CTA_TUPLE_REPLY, original->bytes());
    w.put_be(CTA_STATUS, std::uint32_t{8});
    w.put_be(CTA_MARK, std::uint32_t{7});
    w.put_be(CTA_TIMEOUT, std::uint32_t{30});
    const auto flow = read_flow(first(w));
    ASSERT_TRUE(flow);
    EXPECT_EQ(*flow, (Flow{.original = t,
                           .reply = t,
                           .status = 8,
                           .mark = 7,
                           .zone = 9,
                           .timeout_seconds = 30,
                           .id = 0xdeadbeef}));
  }
}

TEST(FlowCodec, WhatHasNoTupleIsNoFlow) {
  netlink::Writer w;
  w.message(0, 0, nfgenmsg{});
  EXPECT_FALSE(read_flow(first(w)));
  w.put_be(CTA_ID, std::uint32_t{1});
  {
    const auto empty = w.nest(CTA_TUPLE_ORIG);
  }
  {
    const auto empty = w.nest(CTA_TUPLE_REPLY);
  }
  EXPECT_FALSE(read_flow(first(w)));
}

TEST(FlowCodec, TheKernelIsAskedToFilterByPortsOnlyWhereThereArePorts) {
  const auto filtered = [](std::uint8_t protocol) {
    netlink::Writer w;
    put_flow_query(w, {.family = Family::v4, .protocol = protocol, .original_dst_port = 80});
    return first(w)
        .attributes<nfgenmsg>()
        .find(CTA_FILTER)
        ->nested()
        .find(CTA_FILTER_ORIG_FLAGS)
        ->value<unsigned>();
  };
  EXPECT_NE(filtered(IPPROTO_TCP), filtered(IPPROTO_ICMP));
  EXPECT_EQ(filtered(IPPROTO_TCP), filtered(IPPROTO_SCTP));
  netlink::Writer no_family;
  put_flow_query(no_family, {.protocol = IPPROTO_TCP});
  EXPECT_FALSE(first(no_family).attributes<nfgenmsg>().find(CTA_FILTER))
      << "the kernel refuses it: EOPNOTSUPP";
}

}  // namespace
}  // namespace podwire::kernel
