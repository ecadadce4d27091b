#include "kernel/rtnl/open.h"

#include "kernel/rtnl/kernel_rtnl.h"

namespace podwire::kernel {

Result<std::unique_ptr<Rtnl>> open_rtnl(const NetNs& netns) {
  return std::make_unique<KernelRtnl>(TRY(netlink::Socket::open(NETLINK_ROUTE, netns)));
}

}  // namespace podwire::kernel
