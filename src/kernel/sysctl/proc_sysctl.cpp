#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/file.h"
#include "kernel/sysctl/open.h"

namespace podwire::kernel {
namespace {

/// A key may come from a config: it must not climb out of /proc/sys.
bool is_key(std::string_view key) {
  for (std::size_t at = 0; at <= key.size();) {
    const auto end = std::min(key.find('/', at), key.size());
    const auto part = key.substr(at, end - at);
    if (part.empty() || part == "." || part == ".." || part.contains('\0')) return false;
    at = end + 1;
  }
  return true;
}

/// /proc/sys/net shows the namespace of the thread that opens a file, so each call opens by path, in the
/// namespace. Entering one costs five system calls, looking whether we are there costs one.
class ProcSysctl final : public Sysctl {
 public:
  explicit ProcSysctl(NetNs netns) : netns_(std::move(netns)) {}

  Result<std::string> get(std::string_view key) override {
    const auto file = TRY(open("read sysctl", key, O_RDONLY));
    auto text = read_all(file.get());
    if (!text) return fail("read sysctl", key, text.error().sys_errno);
    while (text->ends_with('\n')) text->pop_back();
    return std::move(*text);
  }

  Result<> set(std::string_view key, std::string_view value) override {
    const auto file = TRY(open("set sysctl", key, O_WRONLY));
    std::string line(value);
    line += '\n';  // in one write: a sysctl takes what it gets at once as its whole value
    if (const auto done = write_all(file.get(), line); !done)
      return fail("set sysctl", std::string(key) + "=" + std::string(value), done.error().sys_errno);
    return {};
  }

 private:
  Result<UniqueFd> open(std::string_view verb, std::string_view key, int flags) const {
    if (!is_key(key))
      return fail(verb, key, EINVAL, "a key is a path below /proc/sys, such as net/ipv4/ip_forward");
    const std::string path = "/proc/sys/" + std::string(key);
    auto file = is_current() ? open_file(path, flags) : open_inside(path, flags);
    if (!file) return fail(verb, key, file.error().sys_errno, file.error().detail);
    return file;
  }

  [[nodiscard]] bool is_current() const {
    struct stat here{};
    return ::stat("/proc/thread-self/ns/net", &here) == 0 && here.st_ino == netns_.inode();
  }

  Result<UniqueFd> open_inside(const std::string& path, int flags) const {
    const auto inside = TRY(netns_.enter());
    return open_file(path, flags);
  }

  NetNs netns_;
};

}  // namespace

Result<std::unique_ptr<Sysctl>> open_sysctl(const NetNs& netns) {
  return std::make_unique<ProcSysctl>(TRY(netns.duplicate()));
}

}  // namespace podwire::kernel
