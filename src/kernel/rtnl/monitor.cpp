#include "kernel/rtnl/monitor.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "kernel/netlink/reader.h"
#include "kernel/netlink/transport.h"
#include "kernel/rtnl/address_codec.h"
#include "kernel/rtnl/link_codec.h"
#include "kernel/rtnl/neighbour_codec.h"
#include "kernel/rtnl/route_codec.h"

namespace podwire::kernel {
namespace {

constexpr std::uint32_t kGroups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                                  RTMGRP_IPV6_ROUTE | RTMGRP_NEIGH;
constexpr int kQueueBytes = 4 << 20;

template <class T>
std::optional<RtnlEvent> event(std::optional<T> object, bool gone) {
  if (!object) return std::nullopt;
  return RtnlEvent{.object = std::move(*object), .gone = gone};
}

std::optional<RtnlEvent> decode_event(const netlink::Message& m) {
  switch (m.type()) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return event(decode_link(m), m.type() == RTM_DELLINK);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return event(decode_address(m), m.type() == RTM_DELADDR);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return event(decode_route(m), m.type() == RTM_DELROUTE);
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH: {
      const bool gone = m.type() == RTM_DELNEIGH;
      if (auto neighbour = event(decode_neighbour(m), gone)) return neighbour;
      return event(decode_fdb(m), gone);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<RtnlMonitor> RtnlMonitor::open(const NetNs& netns) {
  auto fd = TRY(netlink::open_socket(NETLINK_ROUTE, netns, kGroups));
  // A burst of changes should not make us resync. Without the right to force it the default must do.
  (void)::setsockopt(fd.raw(), SOL_SOCKET, SO_RCVBUFFORCE, &kQueueBytes, sizeof kQueueBytes);
  return RtnlMonitor(std::move(fd));
}

Result<std::vector<RtnlEvent>> RtnlMonitor::read() {
  netlink::ReceiveBuffer buffer;
  std::vector<RtnlEvent> events;
  while (true) {
    const auto datagram = TRY(netlink::receive(fd_.get(), buffer));
    if (!datagram) return events;
    for (const netlink::Message& m : netlink::Messages(*datagram)) {
      if (auto e = decode_event(m)) events.push_back(std::move(*e));
    }
  }
}

}  // namespace podwire::kernel
