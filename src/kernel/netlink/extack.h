#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "kernel/netlink/reader.h"

namespace podwire::kernel::netlink {

/// What an NLMSG_ERROR, or the NLMSG_DONE of a dump, says. `sys_errno` 0: an acknowledgement.
struct Verdict {
  std::uint32_t sequence = 0;  ///< of the request it answers
  int sys_errno = 0;
  std::string
      detail;  ///< the kernel's extended ack text, and which attribute it refused or missed; may be empty
  std::string text;          ///< the kernel's extended ack text alone
  std::uint32_t offset = 0;  ///< where in its message the refused attribute starts; 0: not told
};

/// Decodes NLMSG_ERROR and NLMSG_DONE. `request` is the batch that was sent: it names the refused attribute
/// by its type. A message that is too short, or holds no errno, gives EBADMSG.
[[nodiscard]] Verdict read_verdict(const Message& message, std::span<const std::byte> request = {});

}  // namespace podwire::kernel::netlink
