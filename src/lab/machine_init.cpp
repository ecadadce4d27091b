#include "lab/machine_init.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace podwire::lab {
namespace {

/// What PID 1 tells its parent: verb[0] == 0 for "all is set up".
struct Report {
  char verb[48] = {};
  int err = 0;
};

/// Set-up stops at the first step that fails; `why` then says which.
class Setup {
 public:
  void step(const char* verb, bool ok) {
    if (failed() || ok) return;
    why_.err = errno;
    std::strncpy(why_.verb, verb, sizeof why_.verb - 1);
  }
  [[nodiscard]] bool failed() const { return why_.verb[0] != 0; }
  [[nodiscard]] const Report& why() const { return why_; }

 private:
  Report why_;
};

bool write_zero(Fd procs) { return ::write(procs.raw(), "0", 1) == 1; }

/// No memory may be asked for on the way: another thread may have held the allocator's lock when we were
/// made.
void own_mounts(Setup& setup, bool cgroup, const MachineDisk* disk) {
  setup.step("make mounts private", ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
  setup.step("mount /proc", ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0);
  // /sys/class/net shows the interfaces of the namespace that it was mounted in. Without a cgroup of its own
  // the machine keeps the old one, and with it the old /sys/fs/cgroup.
  if (cgroup) {
    setup.step("mount /sys",
               ::mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0);
    setup.step("mount /sys/fs/cgroup", ::mount("cgroup2", "/sys/fs/cgroup", "cgroup2",
                                               MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0);
  }
  if (disk != nullptr && !setup.failed())
    if (const char* failed = disk->mount_here(); failed != nullptr) setup.step(failed, false);
  setup.step("mount /run", ::mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") == 0);
}

[[noreturn]] void be_init(const InitPlan& plan, UniqueFd report) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, plan.hostname.c_str());
  ::setsid();  // the terminal's Ctrl-C is for the one who started us: it then stops the machine in order
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &children, nullptr);
  ::signal(SIGCHLD, SIG_DFL);

  Setup setup;
  const bool cgroup = static_cast<bool>(plan.cgroup_root_procs);
  if (cgroup) {
    // The cgroup namespace's root is where its maker is at that moment; then down to the leaf.
    setup.step("enter cgroup", write_zero(plan.cgroup_root_procs));
    setup.step("create cgroup namespace", setup.failed() || ::unshare(CLONE_NEWCGROUP) == 0);
    setup.step("enter cgroup's leaf", setup.failed() || write_zero(plan.cgroup_leaf_procs));
  }
  if (!setup.failed()) own_mounts(setup, cgroup, plan.disk);
  setup.step("set host name", ::sethostname(plan.hostname.c_str(), plan.hostname.size()) == 0);
  [[maybe_unused]] const auto told = ::write(report.raw(), &setup.why(), sizeof(Report));
  if (setup.failed()) ::_exit(1);

  // Our parent's files are not ours to hold open: neither its pipes nor its terminal.
  ::close_range(0, ~0U, 0);
  ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(0, 1);
  ::dup2(0, 2);
  for (;;) {
    int signal = 0;
    ::sigwait(&children, &signal);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

}  // namespace

Result<pid_t> start_init(const InitPlan& plan) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return fail("create pipe", {}, errno);
  const UniqueFd reader(pipe[0]);
  UniqueFd writer(pipe[1]);

  clone_args args{};
  args.flags = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;
  args.exit_signal = SIGCHLD;
  const auto init = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
  if (init < 0)
    return fail("create namespaces of machine", plan.hostname, errno,
                errno == EPERM ? "this needs root" : "");
  if (init == 0) be_init(plan, std::move(writer));

  writer.reset();
  Report report;
  ssize_t n = 0;
  while ((n = ::read(reader.raw(), &report, sizeof report)) < 0 && errno == EINTR) {
  }
  if (n == sizeof report && report.verb[0] == 0) return init;
  ::kill(init, SIGKILL);
  ::waitpid(init, nullptr, 0);
  if (n != sizeof report)
    return fail("start machine", plan.hostname, 0, "its first process died while it was set up");
  return fail(report.verb, "of machine " + plan.hostname, report.err);
}

}  // namespace podwire::lab
