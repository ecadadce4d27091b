#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cmath>
#include <limits>

#include "kernel/bpf/redirect.h"
#include "kernel/rtnl/netlink_rtnl.h"

namespace podwire::kernel {
namespace {
using netlink::Writer;

tcmsg header_of(int link_index, std::uint32_t handle, std::uint32_t parent) {
  tcmsg h{};
  h.tcm_family = AF_UNSPEC;
  h.tcm_ifindex = link_index;
  h.tcm_handle = handle;
  h.tcm_parent = parent;
  return h;
}

constexpr std::uint32_t kHandle = 0x00010000;  // 1:

/// The kernel wants the bucket's size as the time that filling it takes, in ticks of 64 ns (psched
/// since 2.6.31).
std::uint32_t bucket_ticks(const state::TokenBucket& b) {
  const double ns = static_cast<double>(b.burst_bytes) * 1e9 / static_cast<double>(b.rate_bytes);
  return static_cast<std::uint32_t>(
      std::min(ns / 64, static_cast<double>(std::numeric_limits<std::uint32_t>::max())));
}

std::optional<state::Shaper> read_shaper(const netlink::Message& m) {
  const auto h = m.fixed<tcmsg>();
  if (m.type() != RTM_NEWQDISC || !h || h->tcm_parent != TC_H_ROOT) return std::nullopt;
  const auto attrs = m.attributes<tcmsg>();
  const auto kind = attrs.find(TCA_KIND);
  const auto options = attrs.find(TCA_OPTIONS);
  if (!kind || kind->string() != "tbf" || !options) return std::nullopt;
  state::Shaper s{.link_index = h->tcm_ifindex, .bucket = {}};
  for (const auto& a : options->nested()) {
    if (a.type() == TCA_TBF_RATE64) s.bucket.rate_bytes = a.value<std::uint64_t>();
    if (a.type() != TCA_TBF_PARMS) continue;
    const auto p = a.as<tc_tbf_qopt>();
    if (!p) continue;
    if (s.bucket.rate_bytes == 0) s.bucket.rate_bytes = p->rate.rate;
    s.bucket.limit_bytes = p->limit;
    // Read back by way of ticks: exact to the byte only after rounding.
    s.bucket.burst_bytes = static_cast<std::uint32_t>(
        std::llround(static_cast<double>(p->buffer) * 64 * static_cast<double>(s.bucket.rate_bytes) / 1e9));
  }
  return s;
}

}  // namespace

Result<std::optional<state::Shaper>> NetlinkRtnl::shaper(int link_index) {
  Writer w;
  w.message(RTM_GETQDISC, 0, header_of(link_index, 0, 0));
  auto listed = socket_.dump(w, [&](const netlink::Message& m) -> std::optional<state::Shaper> {
    auto s = read_shaper(m);
    if (!s || s->link_index != link_index) return std::nullopt;
    return s;
  });
  const auto found = TRY(netlink::named(std::move(listed), "list", [] { return "queueing disciplines"; }));
  if (found.empty()) return std::nullopt;
  return found.front();
}

Result<> NetlinkRtnl::set_shaper(const state::Shaper& s) {
  Writer w;
  w.message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, header_of(s.link_index, kHandle, TC_H_ROOT));
  w.put_string(TCA_KIND, "tbf");
  {
    const auto options = w.nest(TCA_OPTIONS);
    tc_tbf_qopt p{};
    p.rate.linklayer = TC_LINKLAYER_ETHERNET;
    p.rate.rate = static_cast<std::uint32_t>(std::min<std::uint64_t>(s.bucket.rate_bytes, ~std::uint32_t{0}));
    p.limit = s.bucket.limit_bytes;
    p.buffer = bucket_ticks(s.bucket);
    w.put(TCA_TBF_PARMS, p);
    w.put(TCA_TBF_BURST, s.bucket.burst_bytes);
    if (s.bucket.rate_bytes > ~std::uint32_t{0}) w.put(TCA_TBF_RATE64, s.bucket.rate_bytes);
  }
  return netlink::named(socket_.request(w), "set shaper", [&] { return state::describe(s); });
}

Result<> NetlinkRtnl::delete_shaper(int link_index) {
  if (!TRY(shaper(link_index))) return {};
  Writer w;
  w.message(RTM_DELQDISC, 0, header_of(link_index, 0, TC_H_ROOT));
  return netlink::named(socket_.request(w), "delete shaper of link",
                        [&] { return std::to_string(link_index); });
}

Result<> NetlinkRtnl::redirect_ingress(int from_index, int to_index) {
  const auto program = TRY(load_redirect_program(to_index));
  const std::string object = std::to_string(from_index) + " to " + std::to_string(to_index);
  Writer q;
  q.message(RTM_NEWQDISC, NLM_F_CREATE, header_of(from_index, TC_H_MAKE(TC_H_CLSACT, 0), TC_H_CLSACT));
  q.put_string(TCA_KIND, "clsact");
  auto added = netlink::named(socket_.request(q), "add clsact to redirect link", [&] { return object; });
  if (!added && added.error().sys_errno != EEXIST) return added;

  Writer f;
  tcmsg h = header_of(from_index, 0, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS));
  constexpr std::uint32_t kPriority = 1;
  h.tcm_info = TC_H_MAKE(kPriority << 16, __builtin_bswap16(ETH_P_ALL));
  f.message(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, h);
  f.put_string(TCA_KIND, "bpf");
  {
    const auto options = f.nest(TCA_OPTIONS);
    f.put(TCA_BPF_FD, program.raw());
    f.put_string(TCA_BPF_NAME, "podwire-redirect");
    f.put(TCA_BPF_FLAGS, std::uint32_t{TCA_BPF_FLAG_ACT_DIRECT});
  }
  return netlink::named(socket_.request(f), "redirect link", [&] { return object; });
}

}  // namespace podwire::kernel
