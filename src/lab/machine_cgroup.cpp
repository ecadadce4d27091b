#include "lab/machine_cgroup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/log.h"

namespace podwire::lab {
namespace {

constexpr std::string_view kPrefix = "podwire-lab-";
const std::string kLeaf = "/init";

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(at), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// A directory that cannot be listed has no names here: removing it then says why.
std::vector<std::string> names_in(const std::string& path) {
  return list_directory(path).value_or(std::vector<std::string>());
}

/// Removes a cgroup and those below it; EBUSY while one holds processes.
int remove_tree(const std::string& path) {
  for (const auto& name : names_in(path)) {
    const std::string below = fmt::format("{}/{}", path, name);
    struct stat st{};
    if (::lstat(below.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) remove_tree(below);
  }
  return ::rmdir(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

/// Kills what is in a cgroup and removes it. A killed process counts until it is reaped: bounded wait, 2 s.
Result<> end_cgroup(const std::string& path) {
  // Absent before Linux 5.14: then the end of the machine's PID namespace has to be enough.
  if (auto kill = open_file(path + "/cgroup.kill", O_WRONLY)) static_cast<void>(write_all(kill->get(), "1"));
  int err = 0;
  for (int i = 0; i < 400; ++i) {
    err = remove_tree(path);
    if (err == 0) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return fail("remove cgroup", path, err);
}

/// Empty when somebody else has it.
UniqueFd try_lock(const std::string& directory) {
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd && ::flock(fd.raw(), LOCK_EX | LOCK_NB) != 0) fd.reset();
  return fd;
}

void sweep(const std::string& parent) {
  for (const auto& name : names_in(parent)) {
    const std::string path = fmt::format("{}/{}", parent, name);
    if (!name.starts_with(kPrefix) || !try_lock(path)) continue;
    if (auto ended = end_cgroup(path); !ended) log::warn(ended.error().message());
  }
}

}  // namespace

std::string cgroup2_mount(std::string_view mountinfo) {
  for (const auto line : split(mountinfo, '\n')) {
    const auto dash = line.find(" - ");
    if (dash == std::string_view::npos || !line.substr(dash + 3).starts_with("cgroup2 ")) continue;
    const auto fields = split(line, ' ');
    if (fields.size() > 4) return std::string(fields[4]);
  }
  return "";
}

std::string cgroup2_path(std::string_view proc_cgroup) {
  for (const auto line : split(proc_cgroup, '\n'))
    if (line.starts_with("0::")) return std::string(line.substr(3));
  return "/";
}

Result<std::string> cgroup2_directory_of(int pid) {
  std::string mount = cgroup2_mount(TRY(read_file("/proc/self/mountinfo")));
  if (mount.empty()) return mount;
  const std::string path = cgroup2_path(TRY(read_file(fmt::format("/proc/{}/cgroup", pid))));
  return path == "/" ? mount : mount + path;
}

void sweep_machine_cgroups(const std::string& parent) { sweep(parent); }

Result<std::optional<MachineCgroup>> MachineCgroup::create(const std::string& machine) {
  const std::string parent = TRY(cgroup2_directory_of(::getpid()));
  if (parent.empty()) return std::nullopt;
  sweep(parent);
  // Between making a directory and locking it, another lab's start may sweep it away: then once more.
  for (int attempt = 0; attempt < 20; ++attempt) {
    static int serial = 0;
    const std::string path = fmt::format("{}/{}{}-{}-{}", parent, kPrefix, ::getpid(), ++serial, machine);
    if (::mkdir(path.c_str(), 0755) != 0) {
      if (errno == EROFS || errno == EACCES || errno == EPERM || errno == ENOENT) return std::nullopt;
      if (errno == EEXIST) continue;
      return fail("create cgroup", path, errno);
    }
    MachineCgroup made(path, try_lock(path));
    if (made.lock_ && ::mkdir((path + kLeaf).c_str(), 0755) == 0) {
      made.root_procs_ = TRY(open_file(path + "/cgroup.procs", O_WRONLY));
      made.leaf_procs_ = TRY(open_file(path + kLeaf + "/cgroup.procs", O_WRONLY));
      return std::optional(std::move(made));
    }
  }
  return fail("create cgroup", parent, EBUSY, "other labs sweep it away");
}

Result<> MachineCgroup::remove() {
  if (path_.empty()) return {};
  TRY(end_cgroup(path_));
  path_.clear();
  return {};
}

MachineCgroup::~MachineCgroup() {
  if (auto removed = remove(); !removed) log::warn(removed.error().message());
}

}  // namespace podwire::lab
