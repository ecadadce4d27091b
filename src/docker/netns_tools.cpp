#include "docker/netns_tools.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>

#include "base/spawn.h"
#include "docker/container_store.h"
#include "docker/takedown.h"

namespace podwire::docker {
namespace {

/// Every container of every site, to say whose a pin is.
Result<std::vector<Container>> all_containers(const Roots& roots) {
  std::vector<Container> out;
  for (const auto& site : TRY(list_directory(roots.state + "/docker"))) {
    auto listing = TRY(ContainerStore(fmt::format("{}/docker/{}/containers", roots.state, site)).list());
    std::ranges::move(listing.containers, std::back_inserter(out));
  }
  return out;
}

/// In the child, before exec: only system calls.
int enter_with_own_sys(const kernel::NetNs& netns) {
  if (const int err = netns.join(); err != 0) return err;
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    return errno;
  // Without it only /sys/class/net is wrong, so a refusal is no reason to stop. The cgroups that lie over the
  // old /sys come along: a container started from here needs them.
  const int cgroups =
      ::open_tree(AT_FDCWD, "/sys/fs/cgroup", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  ::mount("sysfs", "/sys", "sysfs", 0, nullptr);
  if (cgroups >= 0) ::move_mount(cgroups, "", AT_FDCWD, "/sys/fs/cgroup", MOVE_MOUNT_F_EMPTY_PATH);
  return 0;
}

}  // namespace

Result<std::vector<PinnedNetns>> pinned_namespaces(const Roots& roots) {
  const auto containers = TRY(all_containers(roots));
  std::vector<PinnedNetns> out;
  for (const auto& name : TRY(list_directory(netns_dir(roots)))) {
    if (name.starts_with('.')) continue;
    const std::string path = netns_dir(roots) + "/" + name;
    const auto netns = kernel::NetNs::open(path);
    if (!netns) continue;
    PinnedNetns pinned{name, path, netns->inode(), "bridges and published ports"};
    if (name.starts_with(kContainerPin)) {
      const auto id = name.substr(kContainerPin.size());
      const auto owner =
          std::ranges::find_if(containers, [&](const Container& c) { return c.id.starts_with(id); });
      pinned.purpose = owner == containers.end() ? "container that is gone" : "container " + owner->name;
    }
    out.push_back(std::move(pinned));
  }
  std::ranges::sort(out, {}, &PinnedNetns::name);
  return out;
}

Result<int> run_in_netns(const kernel::NetNs& netns, const std::vector<std::string>& command) {
  Command inside{.argv = command};
  inside.before_exec = [&netns] { return enter_with_own_sys(netns); };
  auto status = run_attached(inside);
  if (status) return status;
  if (status.error().sys_errno == ENOENT || status.error().sys_errno == EACCES) {
    const std::string line = fmt::format("podwire: error: {}\n", status.error().message());
    TRY(write_all(Fd(2), line));
    return status.error().sys_errno == ENOENT ? 127 : 126;
  }
  return status;
}

Result<> remove_netns(const Roots& roots, const std::string& name, bool force) {
  if (name.starts_with(kContainerPin))
    return fail("remove network namespace", name, EBUSY,
                "it is a container's; podwire container rm -f removes both");
  const std::string path = netns_dir(roots) + "/" + name;
  if (name.find('/') != std::string::npos || !file_exists(path))
    return fail("remove network namespace", name, ENOENT,
                "podwire netns ls shows those that podwire has made");
  if (auto site = Site::open(roots, path); site) {
    const ContainerStore store(site->containers_dir());
    const auto listing = TRY(store.list());
    if (!force && !(listing.containers.empty() && listing.broken.empty()))
      return fail("remove network namespace", name, EBUSY,
                  "containers hang on it; remove them first, or all at once with podwire netns rm -f");
    for (const auto& container : listing.containers) TRY(remove_container(*site, container.id, true));
    for (const auto& id : listing.broken) TRY(remove_container(*site, id, true));
  }
  return kernel::NetNs::unpin(path);
}

}  // namespace podwire::docker
