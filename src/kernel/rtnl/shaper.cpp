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
  const auto h = m.header<tcmsg>();
  if (m.type != RTM_NEWQDISC || !h || h->tcm_parent != TC_H_ROOT) return std::nullopt;
  const auto attrs = m.attrs<tcmsg>();
  const auto kind = attrs.find(TCA_KIND);
  const auto options = attrs.find(TCA_OPTIONS);
  if (!kind || kind->text() != "tbf" || !options) return std::nullopt;
  state::Shaper s{.link_index = h->tcm_ifindex, .bucket = {}};
  for (const auto& a : netlink::AttrRange(options->payload)) {
    if (a.type == TCA_TBF_RATE64) s.bucket.rate_bytes = a.as<std::uint64_t>();
    if (a.type != TCA_TBF_PARMS) continue;
    const auto p = netlink::read_as<tc_tbf_qopt>(a.payload);
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
  w.begin_message(RTM_GETQDISC, 0);
  w.fixed(header_of(link_index, 0, 0));
  w.end_message();
  std::optional<state::Shaper> found;
  TRY(socket_.dump(w, {"list", "queueing disciplines"}, [&](const auto& m) {
    if (auto s = read_shaper(m); s && s->link_index == link_index) found = s;
  }));
  return found;
}

Result<> NetlinkRtnl::set_shaper(const state::Shaper& s) {
  Writer w;
  w.begin_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
  w.fixed(header_of(s.link_index, kHandle, TC_H_ROOT));
  w.attr_string(TCA_KIND, "tbf");
  {
    const auto options = w.nested(TCA_OPTIONS);
    tc_tbf_qopt p{};
    p.rate.linklayer = TC_LINKLAYER_ETHERNET;
    p.rate.rate = static_cast<std::uint32_t>(std::min<std::uint64_t>(s.bucket.rate_bytes, ~std::uint32_t{0}));
    p.limit = s.bucket.limit_bytes;
    p.buffer = bucket_ticks(s.bucket);
    w.attr(TCA_TBF_PARMS, std::as_bytes(std::span(&p, 1)));
    w.attr(TCA_TBF_BURST, s.bucket.burst_bytes);
    if (s.bucket.rate_bytes > ~std::uint32_t{0}) w.attr(TCA_TBF_RATE64, s.bucket.rate_bytes);
  }
  w.end_message();
  const std::string object = state::describe(s);
  return socket_.execute(w, {"set shaper", object});
}

Result<> NetlinkRtnl::delete_shaper(int link_index) {
  if (!TRY(shaper(link_index))) return {};
  Writer w;
  w.begin_message(RTM_DELQDISC, 0);
  w.fixed(header_of(link_index, 0, TC_H_ROOT));
  w.end_message();
  const std::string object = std::to_string(link_index);
  return socket_.execute(w, {"delete shaper of link", object});
}

Result<> NetlinkRtnl::redirect_ingress(int from_index, int to_index) {
  const auto program = TRY(load_redirect_program(to_index));
  const std::string object = std::to_string(from_index) + " to " + std::to_string(to_index);
  Writer q;
  q.begin_message(RTM_NEWQDISC, NLM_F_CREATE);
  q.fixed(header_of(from_index, TC_H_MAKE(TC_H_CLSACT, 0), TC_H_CLSACT));
  q.attr_string(TCA_KIND, "clsact");
  q.end_message();
  auto added = socket_.execute(q, {"add clsact to redirect link", object});
  if (!added && added.error().sys_errno != EEXIST) return added;

  Writer f;
  f.begin_message(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL);
  tcmsg h = header_of(from_index, 0, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS));
  constexpr std::uint32_t kPriority = 1;
  h.tcm_info = TC_H_MAKE(kPriority << 16, __builtin_bswap16(ETH_P_ALL));
  f.fixed(h);
  f.attr_string(TCA_KIND, "bpf");
  {
    const auto options = f.nested(TCA_OPTIONS);
    f.attr(TCA_BPF_FD, program.raw());
    f.attr_string(TCA_BPF_NAME, "podwire-redirect");
    f.attr(TCA_BPF_FLAGS, std::uint32_t{TCA_BPF_FLAG_ACT_DIRECT});
  }
  f.end_message();
  return socket_.execute(f, {"redirect link", object});
}

}  // namespace podwire::kernel
