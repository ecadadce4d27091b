#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/file.h"
#include "kernel/netns/netns.h"

namespace podwire::kernel {
namespace {

/// A namespace file of its own would be no regular file; a pin whose mount is gone is an empty regular one.
bool is_empty_file(const std::string& path) {
  struct stat st{};
  return ::lstat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

}  // namespace

Result<NetNs> NetNs::create_pinned(const std::string& path) {
  if (const auto parent = std::filesystem::path(path).parent_path(); !parent.empty())
    TRY(make_directories(parent));
  UniqueFd place(::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  if (!place) return fail("pin network namespace", path, errno);
  auto ns = create();
  if (!ns) {
    ::unlink(path.c_str());
    return ns;
  }
  const auto source = fmt::format("/proc/thread-self/fd/{}", ns->fd_.raw());
  if (::mount(source.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    const int err = errno;
    ::unlink(path.c_str());
    return fail("pin network namespace", path, err);
  }
  ns->name_ = path;
  return ns;
}

Result<> NetNs::unpin(const std::string& path) {
  if (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    if (errno != EINVAL) return fail("unpin network namespace", path, errno);
    // Not a mount: what a crash between making the file and mounting on it leaves. Anything else is not ours.
    if (!is_empty_file(path))
      return fail("unpin network namespace", path, EINVAL, "the file is not a pinned namespace");
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail("unpin network namespace", path, errno);
  return {};
}

}  // namespace podwire::kernel
