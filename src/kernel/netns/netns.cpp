#include "kernel/netns/netns.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.h"
#include "base/log.h"

namespace podwire::kernel {
namespace {

constexpr const char* kOwn = "/proc/thread-self/ns/net";

/// The inode of an open namespace; EINVAL when the file is something else.
Result<std::uint64_t> inode_of(Fd fd, const std::string& name) {
  struct statfs fs{};
  if (::fstatfs(fd.raw(), &fs) != 0) return fail("look at namespace", name, errno);
  if (fs.f_type != NSFS_MAGIC || ::ioctl(fd.raw(), NS_GET_NSTYPE) != CLONE_NEWNET)
    return fail("open namespace", name, EINVAL, "this file is no network namespace");
  struct stat st{};
  if (::fstat(fd.raw(), &st) != 0) return fail("look at namespace", name, errno);
  return st.st_ino;
}

}  // namespace

Result<NetNs> NetNs::open(const std::string& path) {
  auto fd = open_file(path, O_RDONLY);
  if (!fd) return fail("open namespace", path, fd.error().sys_errno);
  const auto inode = TRY(inode_of(fd->get(), path));
  return NetNs(std::move(*fd), path, inode);
}

Result<NetNs> NetNs::current() {
  auto ns = TRY(open(kOwn));
  ns.name_ = fmt::format("net:[{}]", ns.inode_);
  return ns;
}

Result<NetNs> NetNs::of_process(int pid) { return open(fmt::format("/proc/{}/ns/net", pid)); }

Result<NetNs> NetNs::create() {
  const Entered back(TRY(open_file(kOwn, O_RDONLY)));
  if (::unshare(CLONE_NEWNET) != 0) return fail("create network namespace", {}, errno);
  return current();
}

Result<NetNs> NetNs::create_pinned(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) TRY(make_directories(path.substr(0, slash)));
  {
    const auto file = TRY(open_file(path, O_RDONLY | O_CREAT | O_EXCL, 0444));
  }
  auto pin = [&]() -> Result<NetNs> {
    const Entered back(TRY(open_file(kOwn, O_RDONLY)));
    if (::unshare(CLONE_NEWNET) != 0) return fail("create network namespace", path, errno);
    if (::mount(kOwn, path.c_str(), nullptr, MS_BIND, nullptr) != 0)
      return fail("pin network namespace at", path, errno);
    return open(path);
  };
  auto ns = pin();
  if (!ns) ::unlink(path.c_str());
  return ns;
}

Result<> NetNs::unpin(const std::string& path) {
  if (::umount2(path.c_str(), MNT_DETACH) != 0 && errno != EINVAL && errno != ENOENT)
    return fail("unmount namespace", path, errno);
  TRY(remove_file(path));
  return {};
}

Result<NetNs> NetNs::duplicate() const {
  UniqueFd copy(::fcntl(fd_.raw(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return fail("duplicate namespace", name_, errno);
  return NetNs(std::move(copy), name_, inode_);
}

Result<NetNs::Entered> NetNs::enter() const {
  if (!fd_) return fail("enter namespace", name_, EBADF, "a fake namespace cannot be entered");
  struct stat own{};
  if (::stat(kOwn, &own) != 0) return fail("look at", kOwn, errno);
  if (own.st_ino == inode_) return Entered(UniqueFd());  // we are there: nothing to go back to
  auto back = TRY(open_file(kOwn, O_RDONLY));
  if (const int err = join(); err != 0) return fail("enter namespace", name_, err);
  return Entered(std::move(back));
}

int NetNs::join() const noexcept { return ::setns(fd_.raw(), CLONE_NEWNET) == 0 ? 0 : errno; }

NetNs::Entered::~Entered() {
  if (!back_ || ::setns(back_.raw(), CLONE_NEWNET) == 0) return;
  log::error("cannot go back to the former network namespace", {{"errno", errno}});
  std::abort();
}

}  // namespace podwire::kernel
