#include "lab/machine_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "base/file.h"

namespace podwire::lab {
namespace {

constexpr std::array<const char*, 3> kKept{"/etc", "/opt", "/var"};

/// Plain directories: of these, those of the real machine are not to be seen, and containers' own overlays
/// can have their upper layers there, which they cannot have on an overlay.
struct Own {
  const char *path, *name;
};
constexpr std::array<Own, 3> kOwn{Own{"/var/lib/podwire", "podwire"}, Own{"/etc/cni", "cni-etc"},
                                  Own{"/opt/cni", "cni-opt"}};

constexpr const char* kBootId = "boot_id";

}  // namespace

Result<MachineDisk> MachineDisk::open(const std::string& directory) {
  MachineDisk disk;
  for (const auto* kept : kKept) {
    TRY(make_directories(fmt::format("{}/upper{}", directory, kept)));
    TRY(make_directories(fmt::format("{}/work{}", directory, kept)));
  }
  for (const auto& own : kOwn) TRY(make_directories(fmt::format("{}/own/{}", directory, own.name)));
  TRY(write_file_atomic(fmt::format("{}/{}", directory, kBootId),
                        TRY(read_file("/proc/sys/kernel/random/uuid")), 0444, Durability::until_reboot));
  disk.path_ = directory;
  disk.directory_ = TRY(open_file(directory, O_PATH | O_DIRECTORY));
  // By descriptor, for what is mounted on the way may hide the path.
  const auto here = fmt::format("/proc/self/fd/{}", disk.directory_.raw());
  for (const auto* kept : kKept)
    disk.mounts_.push_back(
        {.source = "overlay",
         .target = kept,
         .options = fmt::format("lowerdir={1},upperdir={0}/upper{1},workdir={0}/work{1}", here, kept),
         .verb = "mount an overlay on /etc, /opt or /var",
         .make_target = false});
  for (const auto& own : kOwn)
    disk.mounts_.push_back({.source = fmt::format("{}/own/{}", here, own.name),
                            .target = own.path,
                            .options = {},
                            .verb = "mount a directory of its own",
                            .make_target = true});
  disk.mounts_.push_back({.source = fmt::format("{}/{}", here, kBootId),
                          .target = "/proc/sys/kernel/random/boot_id",
                          .options = {},
                          .verb = "mount a boot id of its own",
                          .make_target = false});
  return disk;
}

std::string MachineDisk::outside_path(const std::string& directory, const std::string& inside) {
  for (const auto& own : kOwn)
    if (inside.starts_with(std::string(own.path) + "/"))
      return fmt::format("{}/own/{}{}", directory, own.name,
                         inside.substr(std::string_view(own.path).size()));
  return fmt::format("{}/upper{}", directory, inside);
}

const char* MachineDisk::mount_here() const noexcept {
  // Ours leads into the mount namespace that we were opened in; the kernel wants it of this one.
  const int here = ::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (here < 0 || ::dup3(here, directory_.raw(), O_CLOEXEC) < 0) return "open the disk";
  ::close(here);
  for (const auto& mount : mounts_) {
    if (mount.make_target && ::mkdir(mount.target.c_str(), 0755) != 0 && errno != EEXIST) return mount.verb;
    const bool overlay = !mount.options.empty();
    if (::mount(mount.source.c_str(), mount.target.c_str(), overlay ? "overlay" : nullptr,
                overlay ? 0 : MS_BIND, overlay ? mount.options.c_str() : nullptr) != 0)
      return mount.verb;
  }
  return nullptr;
}

}  // namespace podwire::lab
