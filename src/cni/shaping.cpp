#include "cni/shaping.h"

#include <algorithm>
#include <limits>

namespace podwire::cni {

state::TokenBucket bucket_of(std::uint64_t rate_bits, std::uint64_t burst_bits, std::uint32_t mtu) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  const std::uint64_t rate = std::max<std::uint64_t>(rate_bits / 8, 1);
  // linux/net/sched/sch_tbf.c: the bucket must hold the largest packet, Ethernet header included, or it never
  // passes.
  const std::uint64_t least = mtu + 14ULL;
  const std::uint64_t burst = std::clamp(burst_bits / 8, least, kMost / 2);
  const std::uint64_t waiting = rate / 40;  // 25 ms
  return {.rate_bytes = rate,
          .burst_bytes = static_cast<std::uint32_t>(burst),
          .limit_bytes = static_cast<std::uint32_t>(std::min(burst + waiting, kMost))};
}

CniResult<> shape(kernel::Rtnl& rtnl, const state::Link& host_end, const Bandwidth& b,
                  const std::string& ifb) {
  if (b.ingress_rate != 0)
    TRY(as_cni(rtnl.set_shaper({host_end.index, bucket_of(b.ingress_rate, b.ingress_burst, host_end.mtu)})));
  if (b.egress_rate == 0) return {};
  const int index = TRY(as_cni(rtnl.create_plain("ifb", ifb)));
  TRY(as_cni(rtnl.change_link(index, {.up = true, .mtu = host_end.mtu})));
  TRY(as_cni(rtnl.set_shaper({index, bucket_of(b.egress_rate, b.egress_burst, host_end.mtu)})));
  return as_cni(rtnl.redirect_ingress(host_end.index, index));
}

CniResult<> check_shape(kernel::Rtnl& rtnl, const state::Link& host_end, const Bandwidth& b,
                        const std::string& ifb) {
  const auto compare = [&](const state::Link& on, std::uint64_t rate, std::uint64_t burst,
                           const char* field) -> CniResult<> {
    const auto there = TRY(as_cni(rtnl.shaper(on.index)));
    if (!there || there->bucket.rate_bytes != bucket_of(rate, burst, on.mtu).rate_bytes)
      return refuse(Code::check_failed, std::string("bandwidth.") + field + " is not shaped on " + on.name);
    return {};
  };
  if (b.ingress_rate != 0) TRY(compare(host_end, b.ingress_rate, b.ingress_burst, "ingressRate"));
  if (b.egress_rate == 0) return {};
  const auto device = rtnl.link(ifb);
  if (!device) return refuse(Code::check_failed, "bandwidth.egressRate: device " + ifb + " is gone");
  return compare(*device, b.egress_rate, b.egress_burst, "egressRate");
}

}  // namespace podwire::cni
