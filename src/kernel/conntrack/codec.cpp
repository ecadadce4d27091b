#include "kernel/conntrack/codec.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

namespace podwire::kernel {
namespace {

using netlink::Attribute;
using netlink::Attributes;
using netlink::Writer;
using state::Flow;
using state::FlowFilter;
using state::FlowTuple;

// Bits of CTA_FILTER_ORIG_FLAGS: which parts of CTA_TUPLE_ORIG a dump is filtered by. The kernel's own header
// keeps them to itself (net/netfilter/nf_internals.h), but they are what user space has to send. Its filter
// by address is left alone: seen on 6.18, one by an IPv6 address gives all flows but the wanted.
constexpr std::uint32_t kFilterProtocol = 1U << 3;
constexpr std::uint32_t kFilterDstPort = 1U << 5;

/// The attributes that hold an ICMP flow's id, type and code, by family.
struct IcmpAttributes {
  std::uint16_t id, type, code;
};
constexpr IcmpAttributes kIcmp{CTA_PROTO_ICMP_ID, CTA_PROTO_ICMP_TYPE, CTA_PROTO_ICMP_CODE};
constexpr IcmpAttributes kIcmpV6{CTA_PROTO_ICMPV6_ID, CTA_PROTO_ICMPV6_TYPE, CTA_PROTO_ICMPV6_CODE};

void start(Writer& w, std::uint16_t type, std::optional<Family> family) {
  w.message(NFNL_SUBSYS_CTNETLINK << 8 | type, 0,
            nfgenmsg{family ? static_cast<std::uint8_t>(*family) : std::uint8_t{AF_UNSPEC}, NFNETLINK_V0,
                     htons(0)});
}

void put_addr(Writer& w, const IpAddr& addr, std::uint16_t v4, std::uint16_t v6) {
  w.put_bytes(addr.is_v4() ? v4 : v6, addr.bytes());
}

void put_icmp(Writer& w, const FlowTuple& t, const IcmpAttributes& as) {
  w.put_be(as.id, t.src_port);
  w.put(as.type, static_cast<std::uint8_t>(t.dst_port >> 8));
  w.put(as.code, static_cast<std::uint8_t>(t.dst_port & 0xff));
}

void put_tuple(Writer& w, const FlowTuple& t) {
  const auto tuple = w.nest(CTA_TUPLE_ORIG);
  {
    const auto ip = w.nest(CTA_TUPLE_IP);
    put_addr(w, t.src, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
    put_addr(w, t.dst, CTA_IP_V4_DST, CTA_IP_V6_DST);
  }
  const auto proto = w.nest(CTA_TUPLE_PROTO);
  w.put(CTA_PROTO_NUM, t.protocol);
  if (t.protocol == IPPROTO_ICMP) return put_icmp(w, t, kIcmp);
  if (t.protocol == IPPROTO_ICMPV6) return put_icmp(w, t, kIcmpV6);
  w.put_be(CTA_PROTO_SRC_PORT, t.src_port);
  w.put_be(CTA_PROTO_DST_PORT, t.dst_port);
}

bool has_ports(std::uint8_t protocol) { return protocol != IPPROTO_ICMP && protocol != IPPROTO_ICMPV6; }

std::optional<IpAddr> read_addr(const Attributes& ip, std::uint16_t v4, std::uint16_t v6) {
  for (const Attribute& a : ip)
    if (a.type() == v4 || a.type() == v6) return IpAddr::from_bytes(a.bytes());
  return std::nullopt;
}

void read_proto(const Attributes& proto, FlowTuple& t) {
  std::uint16_t type = 0, code = 0;
  bool icmp = false;
  for (const Attribute& a : proto) {
    switch (a.type()) {
      case CTA_PROTO_NUM:
        t.protocol = a.value<std::uint8_t>();
        break;
      case CTA_PROTO_SRC_PORT:
      case CTA_PROTO_ICMP_ID:
      case CTA_PROTO_ICMPV6_ID:
        t.src_port = a.value_be<std::uint16_t>();
        break;
      case CTA_PROTO_DST_PORT:
        t.dst_port = a.value_be<std::uint16_t>();
        break;
      case CTA_PROTO_ICMP_TYPE:
      case CTA_PROTO_ICMPV6_TYPE:
        type = a.value<std::uint8_t>();
        icmp = true;
        break;
      case CTA_PROTO_ICMP_CODE:
      case CTA_PROTO_ICMPV6_CODE:
        code = a.value<std::uint8_t>();
        break;
      default:
        break;
    }
  }
  if (icmp) t.dst_port = static_cast<std::uint16_t>(type << 8 | code);
}

std::optional<FlowTuple> read_tuple(const Attribute& tuple) {
  FlowTuple t;
  const auto ip = tuple.nested().find(CTA_TUPLE_IP);
  if (!ip) return std::nullopt;
  const auto src = read_addr(ip->nested(), CTA_IP_V4_SRC, CTA_IP_V6_SRC);
  const auto dst = read_addr(ip->nested(), CTA_IP_V4_DST, CTA_IP_V6_DST);
  if (!src || !dst) return std::nullopt;
  t.src = *src;
  t.dst = *dst;
  if (const auto proto = tuple.nested().find(CTA_TUPLE_PROTO)) read_proto(proto->nested(), t);
  return t;
}

}  // namespace

void put_flow_query(Writer& w, const FlowFilter& f) {
  start(w, IPCTNL_MSG_CT_GET, f.family);
  if (f.mark) {
    w.put_be(CTA_MARK, *f.mark);
    w.put_be(CTA_MARK_MASK, ~std::uint32_t{0});
  }
  if (!f.protocol || !f.family) return;  // without a family the kernel has no filter by protocol
  const bool by_port = f.original_dst_port && has_ports(*f.protocol);
  {
    const auto filter = w.nest(CTA_FILTER);
    w.put(CTA_FILTER_ORIG_FLAGS, by_port ? kFilterProtocol | kFilterDstPort : kFilterProtocol);
    w.put(CTA_FILTER_REPLY_FLAGS, std::uint32_t{0});
  }
  const auto tuple = w.nest(CTA_TUPLE_ORIG);
  const auto proto = w.nest(CTA_TUPLE_PROTO);
  w.put(CTA_PROTO_NUM, *f.protocol);
  if (by_port) w.put_be(CTA_PROTO_DST_PORT, *f.original_dst_port);
}

void put_flow_deletion(Writer& w, const Flow& flow) {
  start(w, IPCTNL_MSG_CT_DELETE, flow.original.src.family());
  put_tuple(w, flow.original);
  if (flow.zone != 0) w.put_be(CTA_ZONE, flow.zone);
  w.put_be(CTA_ID, flow.id);
}

std::optional<Flow> read_flow(const netlink::Message& message) {
  Flow flow;
  std::optional<FlowTuple> original, reply;
  for (const Attribute& a : message.attributes<nfgenmsg>()) {
    switch (a.type()) {
      case CTA_TUPLE_ORIG:
        original = read_tuple(a);
        break;
      case CTA_TUPLE_REPLY:
        reply = read_tuple(a);
        break;
      case CTA_STATUS:
        flow.status = a.value_be<std::uint32_t>();
        break;
      case CTA_TIMEOUT:
        flow.timeout_seconds = a.value_be<std::uint32_t>();
        break;
      case CTA_MARK:
        flow.mark = a.value_be<std::uint32_t>();
        break;
      case CTA_ZONE:
        flow.zone = a.value_be<std::uint16_t>();
        break;
      case CTA_ID:
        flow.id = a.value_be<std::uint32_t>();
        break;
      default:
        break;
    }
  }
  if (!original || !reply) return std::nullopt;
  flow.original = *original;
  flow.reply = *reply;
  return flow;
}

}  // namespace podwire::kernel
