#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "kernel/bpf/redirect_program.h"
#include "kernel/rtnl/kernel_rtnl.h"

namespace podwire::kernel {
namespace {

using netlink::named;
using netlink::Writer;

constexpr std::uint32_t kClsactHandle = TC_H_MAKE(TC_H_CLSACT, 0);
constexpr std::uint32_t kIngress = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
constexpr std::uint32_t kPriority = 1;
constexpr std::uint32_t kFilterHandle = 1;  // fixed, so that a second call replaces the first's filter

void put_clsact(Writer& w, int link_index) {
  w.message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL,
            tcmsg{.tcm_family = AF_UNSPEC,
                  .tcm_ifindex = link_index,
                  .tcm_handle = kClsactHandle,
                  .tcm_parent = TC_H_CLSACT});
  w.put_string(TCA_KIND, "clsact");
}

void put_filter(Writer& w, int link_index, Fd program) {
  w.message(RTM_NEWTFILTER, create_flags(Existing::replace),
            tcmsg{.tcm_family = AF_UNSPEC,
                  .tcm_ifindex = link_index,
                  .tcm_handle = kFilterHandle,
                  .tcm_parent = kIngress,
                  .tcm_info = TC_H_MAKE(kPriority << 16, htons(ETH_P_ALL))});
  w.put_string(TCA_KIND, "bpf");
  const auto options = w.nest(TCA_OPTIONS);
  w.put(TCA_BPF_FD, program.raw());
  w.put_string(TCA_BPF_NAME, bpf::kRedirectProgramName);
  w.put(TCA_BPF_FLAGS, std::uint32_t{TCA_BPF_FLAG_ACT_DIRECT});
}

}  // namespace

Result<> KernelRtnl::redirect_ingress(int from_index, int to_index) {
  const auto what = [&] {
    return fmt::format("from {} to {}", link_number(from_index), link_number(to_index));
  };
  const auto program = TRY(bpf::load_redirect_program(to_index));
  Writer qdisc;
  put_clsact(qdisc, from_index);
  auto made = named(socket_.request(qdisc), "redirect ingress", what);
  if (!made && made.error().sys_errno != EEXIST) return made;
  Writer filter;
  put_filter(filter, from_index, program.get());
  return named(socket_.request(filter), "redirect ingress", what);
}

}  // namespace podwire::kernel
