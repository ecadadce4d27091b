#include <fmt/format.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

#include "kernel/rtnl/kernel_rtnl.h"

namespace podwire::kernel {
namespace {

using netlink::Attribute;
using netlink::Message;
using netlink::named;
using netlink::Writer;

/// A tick of the packet scheduler is 64 ns: the unit in which the kernel tells a bucket's size.
constexpr u128 kTickNanoseconds = 64;
constexpr u128 kNanoseconds = 1'000'000'000;

tcmsg root_of(int link_index) {
  return {.tcm_family = AF_UNSPEC, .tcm_ifindex = link_index, .tcm_parent = TC_H_ROOT};
}

/// The kernel cuts the bucket's time to whole ticks, 32 bits of them, when it answers. Rounding up gives back
/// the bytes that were set as long as a tick is worth less than a byte (up to 15 MB/s; beyond that a little
/// less) and the bucket holds less than 274 seconds of the rate.
std::uint32_t bytes_in(std::uint32_t ticks, std::uint64_t rate_bytes) {
  const u128 bytes = (u128{ticks} * kTickNanoseconds * rate_bytes + kNanoseconds - 1) / kNanoseconds;
  return static_cast<std::uint32_t>(std::min<u128>(bytes, std::numeric_limits<std::uint32_t>::max()));
}

std::optional<state::Shaper> decode_shaper(const Message& message) {
  const auto header = message.fixed<tcmsg>();
  if (!header) return std::nullopt;
  const auto attributes = message.attributes<tcmsg>();
  const auto kind = attributes.find(TCA_KIND);
  const auto options = attributes.find(TCA_OPTIONS);
  if (!kind || kind->string() != "tbf" || !options) return std::nullopt;
  const auto parms = options->nested().find(TCA_TBF_PARMS);
  const auto qopt = parms ? parms->as<tc_tbf_qopt>() : std::nullopt;
  if (!qopt) return std::nullopt;
  const auto rate64 = options->nested().find(TCA_TBF_RATE64);
  const std::uint64_t rate = rate64 ? rate64->value<std::uint64_t>() : qopt->rate.rate;
  return state::Shaper{
      .link_index = header->tcm_ifindex,
      .bucket = {
          .rate_bytes = rate, .burst_bytes = bytes_in(qopt->buffer, rate), .limit_bytes = qopt->limit}};
}

}  // namespace

Result<std::optional<state::Shaper>> KernelRtnl::shaper(int link_index) {
  Writer w;
  w.message(RTM_GETQDISC, NLM_F_ECHO,
            root_of(link_index));  // the answer goes where the echo of a change would
  const auto decode = [](const Message& m) -> Result<std::optional<state::Shaper>> {
    return decode_shaper(m);
  };
  auto found = named(socket_.ask(w, decode), "read shaper", [&] { return "of " + link_number(link_index); });
  // A link without a qdisc of its own has a built-in one, which Linux does not show.
  if (!found && (found.error().sys_errno == ENOENT || found.error().sys_errno == EINVAL)) return std::nullopt;
  return found;
}

Result<> KernelRtnl::set_shaper(const state::Shaper& shaper) {
  constexpr auto kLimit32 = std::uint64_t{std::numeric_limits<std::uint32_t>::max()};
  const auto& bucket = shaper.bucket;
  Writer w;
  w.message(RTM_NEWQDISC, create_flags(Existing::replace), root_of(shaper.link_index));
  w.put_string(TCA_KIND, "tbf");
  {
    const auto options = w.nest(TCA_OPTIONS);
    tc_tbf_qopt qopt{};
    qopt.rate.linklayer = TC_LINKLAYER_ETHERNET;  // else the kernel guesses it from a rate table
    qopt.rate.rate = static_cast<std::uint32_t>(std::min(bucket.rate_bytes, kLimit32));
    qopt.limit = bucket.limit_bytes;
    w.put(TCA_TBF_PARMS, qopt);
    w.put(TCA_TBF_BURST, bucket.burst_bytes);
    if (bucket.rate_bytes >= kLimit32) w.put(TCA_TBF_RATE64, bucket.rate_bytes);
  }
  return named(socket_.request(w), "set shaper", [&] { return describe(shaper); });
}

Result<> KernelRtnl::delete_shaper(int link_index) {
  Writer w;
  w.message(RTM_DELQDISC, 0, root_of(link_index));
  w.put_string(TCA_KIND, "tbf");  // a root of another kind is not ours to delete
  auto deleted = named(socket_.request(w), "delete shaper", [&] { return "of " + link_number(link_index); });
  if (deleted || deleted.error().sys_errno == ENODEV) return deleted;
  const auto now = shaper(link_index);
  if (now && !*now) return {};
  return deleted;
}

}  // namespace podwire::kernel
