#include "lab/offload.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace podwire::lab {

Result<> turn_off_checksum_offload(const kernel::NetNs& netns, const std::string& ifname) {
  const auto inside = TRY(netns.enter());
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail("open socket in", netns.name(), errno);
  ethtool_value off{.cmd = ETHTOOL_STXCSUM, .data = 0};
  ifreq request{};
  ifname.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&off);
  if (::ioctl(socket.raw(), SIOCETHTOOL, &request) != 0)
    return fail("turn off checksum offload of", ifname, errno);
  return {};
}

}  // namespace podwire::lab
