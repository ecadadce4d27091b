#include "state/flow.h"

#include <fmt/format.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

namespace podwire::state {
namespace {

/// Is the wish absent or fulfilled?
template <class T>
bool fits(const std::optional<T>& wanted, const T& actual) {
  return !wanted || *wanted == actual;
}

std::string protocol_name(std::uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_SCTP:
      return "sctp";
    case IPPROTO_ICMP:
      return "icmp";
    case IPPROTO_ICMPV6:
      return "icmpv6";
    default:
      return fmt::format("protocol {}", protocol);
  }
}

std::string endpoint(const IpAddr& addr, std::uint16_t port) {
  return fmt::format(fmt::runtime(addr.is_v6() ? "[{}]:{}" : "{}:{}"), addr.str(), port);
}

std::string describe(const FlowTuple& t) {
  if (t.protocol == IPPROTO_ICMP || t.protocol == IPPROTO_ICMPV6)
    return fmt::format("{} -> {} id {} type {} code {}", t.src.str(), t.dst.str(), t.src_port,
                       t.dst_port >> 8, t.dst_port & 0xff);
  return fmt::format("{} -> {}", endpoint(t.src, t.src_port), endpoint(t.dst, t.dst_port));
}

}  // namespace

bool FlowFilter::matches(const Flow& flow) const {
  return fits(family, flow.original.src.family()) && fits(protocol, flow.original.protocol) &&
         fits(original_src, flow.original.src) && fits(original_dst, flow.original.dst) &&
         fits(reply_src, flow.reply.src) && fits(original_dst_port, flow.original.dst_port) &&
         fits(reply_src_port, flow.reply.src_port) && fits(mark, flow.mark);
}

std::string describe(const Flow& flow) {
  std::string out = protocol_name(flow.original.protocol) + " " + describe(flow.original);
  // A flow that nobody translated is answered from where it went: the reply says nothing new.
  if ((flow.status & IPS_NAT_MASK) != 0) out += ", answered " + describe(flow.reply);
  if ((flow.status & IPS_ASSURED) != 0)
    out += " (assured)";
  else if ((flow.status & IPS_SEEN_REPLY) == 0)
    out += " (unanswered)";
  if (flow.mark != 0) out += fmt::format(" mark {:#x}", flow.mark);
  if (flow.zone != 0) out += fmt::format(" zone {}", flow.zone);
  return out;
}

}  // namespace podwire::state
