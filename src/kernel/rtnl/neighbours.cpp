#include <fmt/format.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <iterator>

#include "kernel/rtnl/kernel_rtnl.h"
#include "kernel/rtnl/neighbour_codec.h"

namespace podwire::kernel {
namespace {

using netlink::named;
using netlink::Writer;

void put_dump(Writer& w, std::optional<Family> family, int link_index, std::uint8_t flags) {
  w.message(RTM_GETNEIGH, 0,
            ndmsg{.ndm_family = static_cast<std::uint8_t>(family ? static_cast<int>(*family) : AF_UNSPEC),
                  .ndm_flags = flags});
  if (link_index != 0) w.put(NDA_IFINDEX, link_index);
}

}  // namespace

Result<std::vector<state::Neighbour>> KernelRtnl::neighbours(std::optional<Family> family, int link_index) {
  const auto what = [&] { return link_index == 0 ? "" : "of " + link_number(link_index); };
  Writer w;
  put_dump(w, family, link_index, 0);
  auto found = TRY(named(socket_.dump(w, decode_neighbour), "list neighbours", what));
  Writer proxies;  // the kernel keeps them in a table of their own
  put_dump(proxies, family, link_index, NTF_PROXY);
  auto more = TRY(named(socket_.dump(proxies, decode_neighbour), "list proxied neighbours", what));
  std::ranges::move(more, std::back_inserter(found));
  return found;
}

Result<> KernelRtnl::set_neighbour(const state::Neighbour& neighbour) {
  Writer w;
  put_neighbour(w, RTM_NEWNEIGH, create_flags(Existing::replace), neighbour);
  return named(socket_.request(w), "set neighbour", [&] { return describe(neighbour); });
}

Result<> KernelRtnl::delete_neighbour(const state::Neighbour& neighbour) {
  Writer w;
  put_neighbour(w, RTM_DELNEIGH, 0, neighbour);
  return named(socket_.request(w), "delete neighbour", [&] { return describe(neighbour); });
}

}  // namespace podwire::kernel
