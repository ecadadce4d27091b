#include "oci/rootfs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>

#include "base/log.h"
#include "oci/busybox.h"

namespace podwire::oci {
namespace {

/// Secrets of a machine. A directory looks empty in the container, a file like /dev/null.
constexpr std::array kSecrets{"/etc/shadow",
                              "/etc/shadow-",
                              "/etc/gshadow",
                              "/etc/gshadow-",
                              "/etc/ssh",
                              "/etc/ssl/private",
                              "/etc/sudoers",
                              "/etc/sudoers.d",
                              "/etc/krb5.keytab",
                              "/etc/wireguard",
                              "/etc/kubernetes",
                              "/etc/NetworkManager/system-connections",
                              "/var/lib/NetworkManager",
                              "/var/lib/kubelet",
                              "/var/lib/rancher",
                              "/var/lib/docker",
                              "/var/lib/containerd",
                              "/var/lib/containers",
                              "/var/lib/systemd/credential.secret",
                              "/var/mail",
                              "/var/spool/cron"};

/// Private to people or processes of the host, but programs want to write there: empty and in memory.
constexpr std::array kScratch{"/root", "/home", "/tmp", "/var/tmp", "/run"};

Result<> mount_overlay(const std::string& lower, const std::string& upper, const std::string& work,
                       const std::string& target) {
  for (const auto* path : {&lower, &upper, &work})
    if (path->find_first_of(":,\\") != std::string::npos)
      return fail("mount overlay", *path, EINVAL,
                  "a directory of an overlay cannot have ':', ',' or '\\' in its path");
  TRY(make_directories(upper));
  TRY(make_directories(work));
  TRY(make_directories(target));
  const std::string options = fmt::format("lowerdir={},upperdir={},workdir={}", lower, upper, work);
  if (::mount("overlay", target.c_str(), "overlay", 0, options.c_str()) != 0)
    return fail("mount overlay", target, errno);
  return {};
}

Result<> mount_in_memory(const RootFs& rootfs, const OverlayPlaces& places) {
  TRY(make_directories(places.memory));
  if (::mount("tmpfs", places.memory.c_str(), "tmpfs", MS_NODEV, "mode=0700") != 0)
    return fail("mount tmpfs", places.memory, errno);
  return mount_overlay(rootfs.lower, places.memory + "/upper", places.memory + "/work", places.target);
}

}  // namespace

Result<RootFs> find_rootfs(ImageStore& store, const std::string& reference,
                           const std::vector<std::string>& state_dirs) {
  if (reference.starts_with('/')) {
    TRY(open_file(reference, O_RDONLY | O_DIRECTORY));
    return RootFs{.image_id = {}, .config = {.command = {"sh"}}, .lower = reference};
  }
  auto image = store.find(reference);
  if (!image && image.error().sys_errno == ENOENT) {
    if (means_busybox(reference)) {
      image = TRY(busybox_image(store));
    } else if (reference == "host") {
      RootFs out{.image_id = {},
                 .config = {},
                 .lower = "/",
                 .upper_in_memory = true,
                 .masked = state_dirs,
                 .scratch = {kScratch.begin(), kScratch.end()}};
      out.masked.insert(out.masked.end(), kSecrets.begin(), kSecrets.end());
      out.config.command = {"sh"};
      return out;
    } else {
      return fail(
          "find image", reference, ENOENT,
          "podwire pulls from no registry: import a file (podwire image import FILE.tar), or take alpine, "
          "busybox (both are this machine's busybox) or host (this machine's own root)");
    }
  }
  const Image found = TRY(std::move(image));
  return RootFs{.image_id = found.id, .config = found.config, .lower = found.rootfs};
}

Result<> enter_private_mounts() {
  if (::unshare(CLONE_NEWNS) != 0) return fail("unshare", "mount namespace", errno);
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    return fail("make mounts private", "/", errno);
  return {};
}

Result<> mount_rootfs(const RootFs& rootfs, const OverlayPlaces& places) {
  if (rootfs.upper_in_memory) return mount_in_memory(rootfs, places);
  auto mounted = mount_overlay(rootfs.lower, places.upper, places.work, places.target);
  if (mounted || mounted.error().sys_errno != EINVAL) return mounted;
  // An overlay cannot have its upper layer on another overlay, which is where a container would keep its
  // state.
  log::info("changes are kept in memory", {{"target", places.target}});
  return mount_in_memory(rootfs, places);
}

Result<> unmount_rootfs(const OverlayPlaces& places) {
  for (const auto& path : {places.target, places.memory})
    if (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0 && errno != EINVAL && errno != ENOENT)
      return fail("unmount", path, errno);
  return {};
}

}  // namespace podwire::oci
