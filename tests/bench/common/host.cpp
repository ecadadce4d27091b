#include "tests/bench/common/host.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>

#include <cerrno>
#include <filesystem>

#include "base/file.h"
#include "kernel/rtnl/open.h"

namespace podwire::bench {

Result<Host> Host::enter() {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
    return fail("make namespaces to measure in", {}, errno, "run as root");
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", "/run", "tmpfs", 0, "mode=755") != 0)
    return fail("mount", "/run", errno);
  TRY(make_directories("/run/netns"));
  const auto here = TRY(kernel::NetNs::current());
  const auto rtnl = TRY(kernel::open_rtnl(here));
  TRY(rtnl->change_link(TRY(rtnl->link("lo")).index, {.up = true}));
  std::string disk = "/var/tmp/podwire-bench-XXXXXX";
  if (::mkdtemp(disk.data()) == nullptr) return fail("make directory", disk, errno);
  return Host(std::move(disk));
}

Host::~Host() {
  std::error_code ignored;
  if (!disk_.empty()) std::filesystem::remove_all(disk_, ignored);
}

std::string netns_path(const std::string& id) { return "/run/netns/" + id; }

Result<> make_container(const std::string& id) {
  TRY(kernel::NetNs::create_pinned(netns_path(id)));
  return {};
}

Result<> remove_container(const std::string& id) { return kernel::NetNs::unpin(netns_path(id)); }

}  // namespace podwire::bench
