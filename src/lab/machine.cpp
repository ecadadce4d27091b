#include "lab/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "base/file.h"
#include "base/log.h"
#include "lab/machine_init.h"

namespace podwire::lab {
namespace {

/// All that a command joins. The PID namespace is only for children of the one that joins: hence the fork in
/// join().
constexpr int kNamespaces =
    CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;

/// In the child of a fork, async-signal-safe: moves into the machine, and leaves a parent behind that passes
/// the exit status on. 0 or errno. (Were the one inside a child of ours, the machine could not end before we
/// have waited for it: the kernel keeps a PID namespace until all its processes are reaped.)
int join(Fd pidfd, Fd cgroup_procs) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (cgroup_procs && ::write(cgroup_procs.raw(), "0", 1) != 1) return errno;
  if (::setns(pidfd.raw(), kNamespaces) != 0) return errno;
  const pid_t inside = ::fork();
  if (inside < 0) return errno;
  if (inside == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return ::chdir("/") == 0 ? 0 : errno;
  }
  // The one that stays behind must hold no pipe open, or its readers wait for more than the command.
  ::close_range(0, ~0U, 0);
  int status = 0;
  while (::waitpid(inside, &status, 0) < 0 && errno == EINTR) {
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

}  // namespace

Machine::Machine(std::string name, pid_t init, UniqueFd pidfd, kernel::NetNs netns,
                 std::optional<MachineCgroup> cgroup)
    : name_(std::move(name)),
      init_(init),
      pidfd_(std::move(pidfd)),
      netns_(std::move(netns)),
      cgroup_(std::move(cgroup)) {}

Machine::Machine(Machine&& other) noexcept
    : name_(std::move(other.name_)),
      init_(std::exchange(other.init_, -1)),
      pidfd_(std::move(other.pidfd_)),
      netns_(std::move(other.netns_)),
      cgroup_(std::move(other.cgroup_)) {}

Machine::~Machine() {
  if (auto stopped = stop(); !stopped) log::warn(stopped.error().message());
}

bool Machine::usable_name(const std::string& name) {
  return !name.empty() && name.size() <= 15 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<Machine> Machine::start(const std::string& name, const MachineDisk* disk) {
  if (!usable_name(name)) return fail("start machine", name, EINVAL, "a name is 1 to 15 of a-z, 0-9 and '-'");
  auto cgroup = TRY(MachineCgroup::create(name));
  const auto root = cgroup ? cgroup->root_procs() : Fd();
  const auto leaf = cgroup ? cgroup->leaf_procs() : Fd();
  const pid_t init =
      TRY(start_init({.hostname = name, .cgroup_root_procs = root, .cgroup_leaf_procs = leaf, .disk = disk}));
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, init, 0)));
  auto netns = kernel::NetNs::of_process(init);
  if (!pidfd || !netns) {
    const int err = errno;
    ::kill(init, SIGKILL);
    ::waitpid(init, nullptr, 0);
    return netns ? fail("hold machine", name, err) : std::unexpected(std::move(netns.error()));
  }
  return Machine(name, init, std::move(pidfd), std::move(*netns), std::move(cgroup));
}

std::string Machine::outside_path(const std::string& inside) const {
  return fmt::format("/proc/{}/root{}", init_, inside);
}

Command Machine::inside(Command command) const {
  command.before_exec = [pidfd = pidfd_.get(), procs = cgroup_ ? cgroup_->leaf_procs() : Fd(),
                         then = std::move(command.before_exec)]() -> int {
    if (const int err = join(pidfd, procs); err != 0) return err;
    return then ? then() : 0;
  };
  return command;
}

Result<Output> Machine::run(std::vector<std::string> argv) const {
  return podwire::run(inside({.argv = std::move(argv), .env = {}, .input = {}}));
}

void Machine::kill() const {
  if (init_ > 0) ::kill(init_, SIGKILL);
}

Result<> Machine::stop() {
  if (init_ <= 0) return {};
  const pid_t init = std::exchange(init_, -1);
  ErrorList errors;
  if (::kill(init, SIGKILL) != 0) errors.add({"stop machine", name_, errno, ""});
  while (::waitpid(init, nullptr, 0) < 0)
    if (errno != EINTR) {
      errors.add({"wait for machine", name_, errno, ""});
      break;
    }
  if (cgroup_) errors.check(cgroup_->remove());
  return errors.result();
}

Result<Command> inside_machine(pid_t init, Command command) {
  struct Way {
    UniqueFd pidfd, cgroup_procs;
  };
  const auto way = std::make_shared<Way>();
  way->pidfd = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, init, 0)));
  if (!way->pidfd) return fail("enter machine of process", std::to_string(init), errno);
  if (const auto cgroup = TRY(cgroup2_directory_of(init)); !cgroup.empty())
    way->cgroup_procs = TRY(open_file(cgroup + "/cgroup.procs", O_WRONLY));
  command.before_exec = [way, then = std::move(command.before_exec)]() -> int {
    if (const int err = join(way->pidfd.get(), way->cgroup_procs.get()); err != 0) return err;
    return then ? then() : 0;
  };
  return command;
}

}  // namespace podwire::lab
