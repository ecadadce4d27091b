#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "kernel/rtnl/address_codec.h"
#include "kernel/rtnl/kernel_rtnl.h"

namespace podwire::kernel {

using netlink::named;
using netlink::Writer;

Result<std::vector<state::Address>> KernelRtnl::addresses(std::optional<Family> family, int link_index) {
  Writer w;
  w.message(RTM_GETADDR, 0,
            ifaddrmsg{.ifa_family = static_cast<std::uint8_t>(family ? static_cast<int>(*family) : AF_UNSPEC),
                      .ifa_index = static_cast<std::uint32_t>(link_index)});
  return named(socket_.dump(w, decode_address), "list addresses",
               [&] { return link_index == 0 ? "" : "of " + link_number(link_index); });
}

Result<> KernelRtnl::add_address(const state::Address& address, Existing existing) {
  Writer w;
  put_address(w, RTM_NEWADDR, create_flags(existing), address);
  return named(socket_.request(w), "add address", [&] { return describe(address); });
}

Result<> KernelRtnl::delete_address(const state::Address& address) {
  Writer w;
  put_address(w, RTM_DELADDR, 0, address);
  return named(socket_.request(w), "delete address", [&] { return describe(address); });
}

}  // namespace podwire::kernel
