#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/addr.h"

namespace podwire::state {

/// One direction of a connection.
struct FlowTuple {
  IpAddr src, dst;
  std::uint8_t protocol = 0;                 ///< IPPROTO_*
  std::uint16_t src_port = 0, dst_port = 0;  ///< host order; for ICMP the id and type<<8|code
  friend bool operator==(const FlowTuple&, const FlowTuple&) = default;
};

/// A connection that conntrack knows.
struct Flow {
  FlowTuple original;        ///< as the first packet was sent
  FlowTuple reply;           ///< as answers are expected: NAT shows as a difference
  std::uint32_t status = 0;  ///< IPS_* bits of linux/netfilter/nf_conntrack_common.h
  std::uint32_t mark = 0;
  std::uint16_t zone = 0;
  std::uint32_t timeout_seconds = 0;
  std::uint32_t id = 0;
  friend bool operator==(const Flow&, const Flow&) = default;
};

/// Which flows: every field that is set must match.
struct FlowFilter {
  std::optional<Family> family;
  std::optional<std::uint8_t> protocol;
  std::optional<IpAddr> original_src, original_dst, reply_src;
  std::optional<std::uint16_t> original_dst_port, reply_src_port;
  std::optional<std::uint32_t> mark;
  [[nodiscard]] bool matches(const Flow& flow) const;
};

[[nodiscard]] std::string describe(const Flow& flow);

}  // namespace podwire::state
