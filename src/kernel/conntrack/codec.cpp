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
// keeps them to itself (net/netfilter/nf_internals.h), but they are what user space has to send.
constexpr std::uint32_t kFilterSrc = 1U << 0;
constexpr std::uint32_t kFilterDst = 1U << 1;
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
void put_src(Writer& w, const IpAddr& addr) { put_addr(w, addr, CTA_IP_V4_SRC, CTA_IP_V6_SRC); }
void put_dst(Writer& w, const IpAddr& addr) { put_addr(w, addr, CTA_IP_V4_DST, CTA_IP_V6_DST); }

void put_icmp(Writer& w, const FlowTuple& t, const IcmpAttributes& as) {
  w.put_be(as.id, t.src_port);
  w.put(as.type, static_cast<std::uint8_t>(t.dst_port >> 8));
  w.put(as.code, static_cast<std::uint8_t>(t.dst_port & 0xff));
}

void put_tuple(Writer& w, const FlowTuple& t) {
  const auto tuple = w.nest(CTA_TUPLE_ORIG);
  {
    const auto ip = w.nest(CTA_TUPLE_IP);
    put_src(w, t.src);
    put_dst(w, t.dst);
  }
  const auto proto = w.nest(CTA_TUPLE_PROTO);
  w.put(CTA_PROTO_NUM, t.protocol);
  if (t.protocol == IPPROTO_ICMP) return put_icmp(w, t, kIcmp);
  if (t.protocol == IPPROTO_ICMPV6) return put_icmp(w, t, kIcmpV6);
  w.put_be(CTA_PROTO_SRC_PORT, t.src_port);
  w.put_be(CTA_PROTO_DST_PORT, t.dst_port);
}

/// The family that the wishes leave, if they say.
std::optional<Family> family_of(const FlowFilter& f) {
  if (f.family) return f.family;
  for (const auto& addr : {f.original_src, f.original_dst, f.reply_src})
    if (addr) return addr->family();
  return std::nullopt;
}

std::uint32_t filter_flags(const FlowFilter& f) {
  return (f.original_src ? kFilterSrc : 0) | (f.original_dst ? kFilterDst : 0) |
         (f.protocol ? kFilterProtocol : 0) | (f.protocol && f.original_dst_port ? kFilterDstPort : 0);
}

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
  const auto family = family_of(f);
  start(w, IPCTNL_MSG_CT_GET, family);
  if (f.mark) {
    w.put_be(CTA_MARK, *f.mark);
    w.put_be(CTA_MARK_MASK, ~std::uint32_t{0});
  }
  // The kernel's tuple filter wants a family; and a wish for two of them matches nothing, which it need not
  // know.
  const std::uint32_t flags = filter_flags(f);
  const bool one_family = family && (!f.original_src || f.original_src->family() == *family) &&
                          (!f.original_dst || f.original_dst->family() == *family);
  if (flags == 0 || !one_family) return;
  {
    const auto filter = w.nest(CTA_FILTER);
    w.put(CTA_FILTER_ORIG_FLAGS, flags);
    w.put(CTA_FILTER_REPLY_FLAGS, std::uint32_t{0});
  }
  const auto tuple = w.nest(CTA_TUPLE_ORIG);
  if (f.original_src || f.original_dst) {
    const auto ip = w.nest(CTA_TUPLE_IP);
    if (f.original_src) put_src(w, *f.original_src);
    if (f.original_dst) put_dst(w, *f.original_dst);
  }
  if (f.protocol) {
    const auto proto = w.nest(CTA_TUPLE_PROTO);
    w.put(CTA_PROTO_NUM, *f.protocol);
    if (f.original_dst_port) w.put_be(CTA_PROTO_DST_PORT, *f.original_dst_port);
  }
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
