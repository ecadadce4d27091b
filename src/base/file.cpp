#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <thread>

namespace podwire {

Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return fail("open", path, errno);
  return UniqueFd(fd);
}

Result<std::string> read_all(Fd fd, std::size_t limit) {
  std::string out;
  char buf[16384];
  for (;;) {
    const ssize_t n = ::read(fd.raw(), buf, sizeof buf);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("read", {}, errno);
    if (n == 0) return out;
    if (out.size() + static_cast<std::size_t>(n) > limit)
      return fail("read", fmt::format("more than {} bytes", limit), EFBIG);
    out.append(buf, static_cast<std::size_t>(n));
  }
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const auto fd = TRY(open_file(path, O_RDONLY));
  auto content = read_all(fd.get(), limit);
  if (!content) return std::unexpected(std::move(content.error()).in(path));
  return content;
}

Result<> write_all(Fd fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd.raw(), data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("write", {}, errno);
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

namespace {
std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}
}  // namespace

Result<> sync_directory(const std::string& path) {
  const auto fd = TRY(open_file(path, O_RDONLY | O_DIRECTORY));
  if (::fsync(fd.raw()) != 0) return fail("fsync", path, errno);
  return {};
}

Result<> write_file_atomic(const std::string& path, std::string_view data, mode_t mode,
                           Durability durability) {
  const std::string dir = parent_of(path);
  const std::string tmp = fmt::format("{}/.tmp-{}-{}", dir, ::getpid(), path.substr(path.rfind('/') + 1));
  auto write = [&]() -> Result<> {
    const auto fd = TRY(open_file(tmp, O_WRONLY | O_CREAT | O_TRUNC, mode));
    TRY(write_all(fd.get(), data));
    const bool sync = durability == Durability::forever;
    if (sync && ::fsync(fd.raw()) != 0) return fail("fsync", tmp, errno);
    if (::rename(tmp.c_str(), path.c_str()) != 0) return fail("rename to", path, errno);
    return sync ? sync_directory(dir) : Result<>{};
  };
  auto done = write();
  if (!done) ::unlink(tmp.c_str());
  return done;
}

Result<> make_directories(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return {};
  if (errno != ENOENT || path.empty() || path == "/") return fail("create directory", path, errno);
  TRY(make_directories(parent_of(path)));
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return fail("create directory", path, errno);
  return {};
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(path.c_str()), ::closedir);
  if (!dir) {
    if (errno == ENOENT) return names;
    return fail("open directory", path, errno);
  }
  errno = 0;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return fail("read directory", path, errno);
  return names;
}

Result<bool> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return fail("remove", path, errno);
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<FileLock> FileLock::acquire(const std::string& path, std::chrono::milliseconds patience) {
  auto fd = TRY(open_file(path, O_RDWR | O_CREAT, 0600));
  // Locks are held for well under a millisecond; who waits 5 ms for one waits for nothing most of the time.
  constexpr std::chrono::microseconds kLongestPause = std::chrono::milliseconds(5);
  std::chrono::microseconds pause(100), waited(0);
  for (;; waited += pause, pause = std::min(2 * pause, kLongestPause)) {
    if (::flock(fd.raw(), LOCK_EX | LOCK_NB) == 0) return FileLock(std::move(fd));
    if (errno != EWOULDBLOCK && errno != EINTR) return fail("lock", path, errno);
    if (waited >= patience) return fail("lock", path, EWOULDBLOCK, "another process holds it");
    std::this_thread::sleep_for(pause);
  }
}

Result<std::string> boot_id() {
  auto id = TRY(read_file("/proc/sys/kernel/random/boot_id", 64));
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace podwire
