#include <fmt/format.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "kernel/rtnl/kernel_rtnl.h"
#include "kernel/rtnl/neighbour_codec.h"

namespace podwire::kernel {

using netlink::named;
using netlink::Writer;

Result<std::vector<state::FdbEntry>> KernelRtnl::fdb(int link_index) {
  Writer w;
  w.message(RTM_GETNEIGH, 0, ndmsg{.ndm_family = AF_BRIDGE});
  if (link_index != 0) w.put(NDA_IFINDEX, link_index);
  return named(socket_.dump(w, decode_fdb), "list forwarding entries",
               [&] { return link_index == 0 ? "" : "of " + link_number(link_index); });
}

Result<> KernelRtnl::set_fdb(const state::FdbEntry& entry) {
  // A VXLAN device may have several destinations for a multicast or the all-zero (default) MAC: it lets us
  // add one but not replace the others.
  const bool many = entry.self && (entry.mac.is_multicast() || entry.mac.is_zero());
  Writer w;
  put_fdb(w, RTM_NEWNEIGH, many ? NLM_F_CREATE | NLM_F_APPEND : create_flags(Existing::replace), entry);
  return named(socket_.request(w), "set forwarding entry", [&] { return describe(entry); });
}

Result<> KernelRtnl::delete_fdb(const state::FdbEntry& entry) {
  Writer w;
  put_fdb(w, RTM_DELNEIGH, 0, entry);
  return named(socket_.request(w), "delete forwarding entry", [&] { return describe(entry); });
}

}  // namespace podwire::kernel
