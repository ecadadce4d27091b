#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"
#include "kernel/netns/netns.h"

namespace podwire::kernel::netlink {

/// A netlink socket of a protocol (NETLINK_ROUTE, NETLINK_NETFILTER) that belongs to `netns` for good, with
/// extended and capped acks and strict checking of dump requests. `groups`: multicast groups as a bit mask
/// (RTMGRP_*, 1 << (RTNLGRP_x - 1)), 0 for none.
Result<UniqueFd> open_socket(int protocol, const NetNs& netns, std::uint32_t groups = 0);

/// Where one datagram is received. Its memory is mapped, not touched, until the kernel fills it: large costs
/// nothing.
class ReceiveBuffer {
 public:
  static constexpr std::size_t kSize =
      256 << 10;  // the kernel fills at most 32 KiB for a dump, more for a huge link
  std::span<std::byte> bytes() {
    if (!memory_) memory_ = std::make_unique_for_overwrite<std::byte[]>(kSize);
    return {memory_.get(), kSize};
  }

 private:
  std::unique_ptr<std::byte[]> memory_;
};

/// One datagram from the kernel (other senders are ignored), as a view into `buffer`; nullopt: none waits
/// now. Never blocks: the kernel queues its answer, or the first part of a dump, before send() returns, and
/// the next part of a dump before recv() returns. Errors: ENOBUFS when it had to drop messages, EMSGSIZE when
/// one did not fit.
Result<std::optional<std::span<const std::byte>>> receive(Fd socket, ReceiveBuffer& buffer);

/// Sends one datagram, whole; raises the send buffer's limit for a large one.
Result<> send(Fd socket, std::span<const std::byte> bytes);

}  // namespace podwire::kernel::netlink
