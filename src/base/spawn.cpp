#include "base/spawn.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace podwire {
namespace {

std::vector<char*> c_strings(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (const auto& s : strings) out.push_back(const_cast<char*>(s.c_str()));
  out.push_back(nullptr);
  return out;
}

/// Puts `from` on descriptor `to`, which the exec keeps open.
bool place(int from, int to) {
  if (from == to) return ::fcntl(to, F_SETFD, 0) == 0;
  return ::dup2(from, to) == to;
}

std::atomic<pid_t> attached{0};

void pass_on(int signal) {
  const pid_t child = attached;
  if (child > 0) ::kill(child, signal);
}

/// Installs a handler and puts the old one back when it dies.
class Handler {
 public:
  Handler(int signal, void (*handler)(int)) : signal_(signal) {
    struct sigaction action{};
    action.sa_handler = handler;
    ::sigaction(signal, &action, &old_);
  }
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  ~Handler() { ::sigaction(signal_, &old_, nullptr); }

 private:
  int signal_;
  struct sigaction old_{};
};

}  // namespace

Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return fail("create pipe", {}, errno);
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Result<pid_t> spawn(const Command& command, const Stdio& stdio) {
  if (command.argv.empty()) return fail("run", "empty command", EINVAL);
  const std::string program = find_program(command.argv[0]);
  if (program.empty()) return fail("run", command.argv[0], ENOENT, "not found in PATH");
  auto [report, reporter] = TRY(make_pipe());
  // Moved above all places, so that placing one cannot close another.
  std::vector<Fd> wanted{stdio.in, stdio.out, stdio.err};
  wanted.insert(wanted.end(), command.descriptors.begin(), command.descriptors.end());
  const int places = static_cast<int>(wanted.size());
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  std::vector<UniqueFd> streams;
  for (const Fd fd : wanted) {
    streams.emplace_back(::fcntl(fd ? fd.raw() : nothing.raw(), F_DUPFD_CLOEXEC, places));
    if (!streams.back()) return fail("prepare descriptors for", program, errno);
  }
  reporter = UniqueFd(::fcntl(reporter.raw(), F_DUPFD_CLOEXEC, places));
  if (!reporter) return fail("prepare descriptors for", program, errno);
  const auto argv = c_strings(command.argv);
  const auto env = c_strings(command.env);

  const pid_t child = ::fork();
  if (child < 0) return fail("fork for", program, errno);
  if (child == 0) {
    bool ok = true;
    const auto place_all = [&](int from, int to) {
      for (int i = from; i < to; ++i) ok = ok && place(streams[static_cast<std::size_t>(i)].raw(), i);
    };
    place_all(0, 3);
    for (const int s : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) ::signal(s, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (command.before_exec && command.before_exec() != 0) ::_exit(126);
    place_all(3, places);  // now, for before_exec may use what is there
    if (ok) ::execve(program.c_str(), argv.data(), command.env.empty() ? environ : env.data());
    const int err = errno;
    [[maybe_unused]] const auto n = ::write(reporter.raw(), &err, sizeof err);
    ::_exit(127);
  }
  reporter.reset();
  int err = 0;
  ssize_t n = 0;
  while ((n = ::read(report.raw(), &err, sizeof err)) < 0 && errno == EINTR) {
  }
  if (n == sizeof err) {
    ::waitpid(child, nullptr, 0);
    return fail("execute", program, err);
  }
  return child;
}

Result<int> wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail("wait for", "child process", errno);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<int> run_attached(const Command& command) {
  const Handler interrupt(SIGINT, SIG_IGN);
  const Handler quit(SIGQUIT, SIG_IGN);
  const Handler terminate(SIGTERM, pass_on);
  const Handler hangup(SIGHUP, pass_on);
  const pid_t child = TRY(spawn(command, {Fd(0), Fd(1), Fd(2)}));
  attached = child;
  auto status = wait_for(child);
  attached = 0;
  return status;
}

}  // namespace podwire
