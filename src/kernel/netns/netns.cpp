#include "kernel/netns/netns.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.h"
#include "base/log.h"

namespace podwire::kernel {
namespace {

constexpr const char* kOwnPath = "/proc/thread-self/ns/net";

bool is_net_namespace(Fd fd) {
  struct statfs fs{};
  return ::fstatfs(fd.raw(), &fs) == 0 && fs.f_type == NSFS_MAGIC &&
         ::ioctl(fd.raw(), NS_GET_NSTYPE) == CLONE_NEWNET;
}

Result<std::uint64_t> inode_of(Fd fd, const std::string& name) {
  struct stat st{};
  if (::fstat(fd.raw(), &st) != 0) return fail("stat network namespace", name, errno);
  return st.st_ino;
}

}  // namespace

Result<NetNs> NetNs::current() {
  auto fd = TRY(open_file(kOwnPath, O_RDONLY));
  const auto inode = TRY(inode_of(fd.get(), kOwnPath));
  return NetNs(std::move(fd), fmt::format("net:[{}]", inode), inode);
}

Result<NetNs> NetNs::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a FIFO must not block us
  if (!fd) return fail("open network namespace", path, errno);
  if (!is_net_namespace(fd.get()))
    return fail("open network namespace", path, EINVAL, "the file is not a network namespace");
  const auto inode = TRY(inode_of(fd.get(), path));
  return NetNs(std::move(fd), path, inode);
}

Result<NetNs> NetNs::of_process(int pid) { return open(fmt::format("/proc/{}/ns/net", pid)); }

Result<NetNs> NetNs::create() {
  const Entered back(TRY(open_file(kOwnPath, O_RDONLY)));
  if (::unshare(CLONE_NEWNET) != 0) return fail("create network namespace", {}, errno);
  return current();
}

Result<NetNs> NetNs::duplicate() const {
  UniqueFd fd(::fcntl(fd_.raw(), F_DUPFD_CLOEXEC, 0));
  if (!fd) return fail("duplicate network namespace", name_, errno);
  return NetNs(std::move(fd), name_, inode_);
}

NetNs::Entered::~Entered() {
  if (!back_ || ::setns(back_.raw(), CLONE_NEWNET) == 0) return;
  const int err = errno;
  log::error("cannot return to the network namespace this thread came from", {{"errno", err}});
  std::abort();
}

Result<NetNs::Entered> NetNs::enter() const {
  Entered entered(TRY(open_file(kOwnPath, O_RDONLY)));
  if (const int err = join(); err != 0) {
    entered.back_.reset();  // we never left
    return fail("enter network namespace", name_, err);
  }
  return entered;
}

int NetNs::join() const noexcept { return ::setns(fd_.raw(), CLONE_NEWNET) == 0 ? 0 : errno; }

}  // namespace podwire::kernel
