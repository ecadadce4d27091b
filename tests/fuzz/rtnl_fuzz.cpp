#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "kernel/netlink/extack.h"
#include "kernel/rtnl/address_codec.h"
#include "kernel/rtnl/link_codec.h"
#include "kernel/rtnl/neighbour_codec.h"
#include "kernel/rtnl/route_codec.h"

namespace {

/// What is read can be said, and reads the same a second time.
template <class Decode>
void read_twice(const podwire::kernel::netlink::Message& m, Decode decode) {
  const auto value = decode(m);
  if (!value) return;
  if (describe(*value).empty() || decode(m) != value) std::abort();
}

}  // namespace

/// Any bytes are a datagram from the kernel: its messages lie inside it, and every codec bears each of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace podwire::kernel;
  const auto bytes = std::as_bytes(std::span(data, size));
  std::size_t covered = 0;
  for (const auto& m : netlink::Messages(bytes)) {
    covered += sizeof(nlmsghdr) + m.payload().size();
    read_twice(m, decode_link);
    read_twice(m, decode_address);
    read_twice(m, decode_route);
    read_twice(m, decode_neighbour);
    read_twice(m, decode_fdb);
    if (netlink::read_verdict(m, bytes).sys_errno < 0) std::abort();
  }
  if (covered > size) std::abort();
  return 0;
}
