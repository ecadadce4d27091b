#include "docker/site.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>

namespace podwire::docker {
namespace {

#ifndef SO_NETNS_COOKIE
constexpr int SO_NETNS_COOKIE = 71;  // asm-generic/socket.h, Linux 5.14
#endif

Result<> prepare_own(const kernel::NetNs& netns, kernel::Host& host) {
  const auto rtnl = TRY(host.rtnl(netns));
  const auto loopback = TRY(rtnl->link("lo"));
  if (!loopback.up) TRY(rtnl->change_link(loopback.index, {.up = true}));
  const auto sysctl = TRY(host.sysctl(netns));
  TRY(sysctl->ensure("net/ipv4/ip_forward", "1"));
  auto v6 = sysctl->ensure("net/ipv6/conf/all/forwarding", "1");
  if (!v6 && v6.error().sys_errno != ENOENT) return v6;  // ENOENT: a kernel without IPv6
  return {};
}

Result<kernel::NetNs> open_own(const Roots& roots, kernel::Host& host) {
  const std::string path = fmt::format("{}/{}", netns_dir(roots), kOwnNetns);
  if (auto there = host.open_netns(path)) return there;
  TRY(make_directories(netns_dir(roots)));
  const auto held = TRY(FileLock::acquire(netns_dir(roots) + "/.lock"));
  if (auto there = host.open_netns(path)) return there;
  TRY(kernel::NetNs::unpin(path));  // a file that pins nothing: we were killed between making and mounting it
  auto netns = TRY(kernel::NetNs::create_pinned(path));
  TRY(prepare_own(netns, host));
  return netns;
}

Result<kernel::NetNs> open_wanted(const Roots& roots, const std::string& wanted, kernel::Host& host) {
  if (wanted == kOwnNetns) return open_own(roots, host);
  if (wanted == "host") return host.current_netns();
  if (wanted.find('/') != std::string::npos) return host.open_netns(wanted);
  for (const auto& dir : {netns_dir(roots), std::string("/run/netns")})
    if (const auto path = fmt::format("{}/{}", dir, wanted); file_exists(path)) return host.open_netns(path);
  return fail("open network namespace", wanted, ENOENT,
              fmt::format("give podwire, host, a path, or a name in {} or /run/netns", netns_dir(roots)));
}

Result<std::uint64_t> cookie_of(const kernel::NetNs& netns) {
  const auto entered = TRY(netns.enter());
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  if (!socket || ::getsockopt(socket.raw(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) != 0)
    return fail("read the cookie of network namespace", netns.name(), errno);
  return cookie;
}

Result<std::string> identify(const Roots& roots, const kernel::NetNs& netns, kernel::Host& host) {
  for (const auto& name : TRY(list_directory(netns_dir(roots)))) {
    if (name.starts_with('.') || name.starts_with(kContainerPin)) continue;
    const auto pinned = host.open_netns(netns_dir(roots) + "/" + name);
    if (pinned && pinned->same_as(netns)) return name;
  }
  if (const auto first = host.open_netns("/proc/1/ns/net"); first && first->same_as(netns))
    return std::string("host");
  return fmt::format("ns-{}-{}", TRY(boot_id()).substr(0, 8), TRY(cookie_of(netns)));
}

}  // namespace

std::string netns_dir(const Roots& roots) { return roots.run + "/netns"; }

Result<Site> Site::open(const Roots& roots, const std::string& wanted, kernel::Host& host) {
  auto netns = TRY(open_wanted(roots, wanted, host));
  auto id = TRY(identify(roots, netns, host));
  Site site(roots, host, std::move(netns), std::move(id));
  TRY(make_directories(site.directory()));
  return site;
}

std::string Site::container_netns(const std::string& container_id) const {
  return fmt::format("{}/{}{}", netns_dir(roots_), kContainerPin, container_id.substr(0, 12));
}

Result<FileLock> Site::lock() const { return FileLock::acquire(directory() + "/lock"); }

}  // namespace podwire::docker
