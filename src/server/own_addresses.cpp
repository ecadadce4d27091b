#include "server/own_addresses.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace podwire::server {
namespace {

std::optional<IpAddr> address_in(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET)
    return IpAddr::from_bytes(
        std::as_bytes(std::span(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 1)));
  if (address->sa_family == AF_INET6)
    return IpAddr::from_bytes(
        std::as_bytes(std::span(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 1)));
  return std::nullopt;
}

}  // namespace

Result<std::vector<IpAddr>> own_addresses() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return fail("list", "the machine's addresses", errno);
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, ::freeifaddrs);
  std::vector<IpAddr> out;
  for (const auto* one = all; one != nullptr; one = one->ifa_next) {
    const auto address = address_in(one->ifa_addr);
    if (!address || address->is_loopback() || address->is_link_local()) continue;
    if (std::ranges::find(out, *address) == out.end()) out.push_back(*address);
  }
  return out;
}

}  // namespace podwire::server
