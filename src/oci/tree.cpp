#include "oci/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

namespace podwire::oci {
namespace {

Result<std::vector<std::string>> names_in(Fd directory) {
  const int copy = ::openat(directory.raw(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return fail("open directory", {}, errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(copy), ::closedir);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(dir.get()))
    if (const std::string_view name = entry->d_name; name != "." && name != "..") names.emplace_back(name);
  if (errno != 0) return fail("read directory", {}, errno);
  return names;
}

}  // namespace

Result<std::string> clean_path(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") return fail("unpack", fmt::format("\"{}\"", path), 0, "a path with \"..\" is refused");
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

SplitPath split_path(const std::string& clean) {
  const auto slash = clean.rfind('/');
  if (slash == std::string::npos) return {"", clean};
  return {clean.substr(0, slash), clean.substr(slash + 1)};
}

Result<UniqueFd> Tree::open(const std::string& path, int flags) const {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const auto fd = ::syscall(SYS_openat2, root_.raw(), path.empty() ? "." : path.c_str(), &how, sizeof how);
  if (fd < 0) return fail("open", path, errno);
  return UniqueFd(static_cast<int>(fd));
}

Result<UniqueFd> Tree::directory(const std::string& path) const {
  auto fd = open(path, O_PATH | O_DIRECTORY);
  if (fd || fd.error().sys_errno != ENOENT || path.empty()) return fd;
  const auto [parent, name] = split_path(path);
  const auto above = TRY(directory(parent));
  if (::mkdirat(above.raw(), name.c_str(), 0755) != 0 && errno != EEXIST)
    return fail("create directory", path, errno);
  return open(path, O_PATH | O_DIRECTORY);
}

Result<> remove_at(Fd directory, const std::string& name) {
  if (::unlinkat(directory.raw(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return fail("remove", name, errno);
  {
    // What is mounted in the way is somebody's data, and not ours to empty: EXDEV.
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_NO_XDEV;
    const UniqueFd below(
        static_cast<int>(::syscall(SYS_openat2, directory.raw(), name.c_str(), &how, sizeof how)));
    if (!below) return fail("remove", name, errno);
    for (const auto& child : TRY(names_in(below.get()))) TRY(remove_at(below.get(), child));
  }
  if (::unlinkat(directory.raw(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return fail("remove directory", name, errno);
  return {};
}

Result<> remove_tree(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string above = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const UniqueFd parent(::open(above.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!parent && errno == ENOENT) return {};
  if (!parent) return fail("remove", path, errno);
  auto done = remove_at(parent.get(), path.substr(slash + 1));  // npos + 1 is 0
  if (!done) return std::unexpected(std::move(done.error()).in("remove " + path));
  return {};
}

}  // namespace podwire::oci
