#include "oci/supervise.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>

#include "base/file.h"
#include "base/log.h"
#include "oci/console.h"
#include "oci/container_log.h"

namespace podwire::oci {
namespace {

std::unexpected<StartError> engine(const Error& error) { return std::unexpected(StartError{125, error}); }

/// The signals that end us, or tell of a child, as something that poll can wait for.
Result<UniqueFd> watch_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD}) sigaddset(&set, s);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return fail("block signals", {}, errno);
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail("open signalfd", {}, errno);
  return fd;
}

/// A stream of the container: what arrives goes to the log, and to our own stream when somebody reads along.
class Tap {
 public:
  Tap(UniqueFd from, Fd log, Fd echo, bool is_stderr)
      : from_(std::move(from)), log_(log, is_stderr), echo_(echo) {}

  [[nodiscard]] pollfd wanted() const { return {from_.raw(), POLLIN, 0}; }
  [[nodiscard]] bool open() const { return static_cast<bool>(from_); }

  /// Reads once; closes at the end. A terminal's end reads as EIO.
  void drain(short events) {
    if (!from_ || events == 0) return;
    std::array<char, 16384> buffer;
    const ssize_t n = ::read(from_.raw(), buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    const auto now = std::chrono::system_clock::now();
    if (n <= 0) {
      from_.reset();
      [[maybe_unused]] const auto written = log_.finish(now);
      return;
    }
    // A full disk must not stop the container: its output is lost to the log then, and to nobody else.
    const std::string_view text(buffer.data(), static_cast<std::size_t>(n));
    [[maybe_unused]] const auto written = log_.append(text, now);
    if (echo_) [[maybe_unused]]
      const auto echoed = write_all(echo_, text);
  }

 private:
  UniqueFd from_;
  LogStream log_;
  Fd echo_;
};

class Supervisor {
 public:
  Supervisor(pid_t child, UniqueFd signals, std::vector<Tap> taps)
      : child_(child), signals_(std::move(signals)), taps_(std::move(taps)) {}

  /// Until the process has ended and its output is read. Processes that it left behind die with its pid
  /// namespace, so that the streams end soon after; the wait for that is bounded all the same.
  int run() {
    constexpr int kLastOutputMs = 2000;
    while (!status_ || any_open()) {
      std::vector<pollfd> fds{{signals_.raw(), POLLIN, 0}};
      for (const auto& tap : taps_) fds.push_back(tap.wanted());
      reap();
      const int n = ::poll(fds.data(), fds.size(), status_ ? kLastOutputMs : -1);
      if (n == 0) break;
      if (fds[0].revents != 0) handle_signals();
      for (std::size_t i = 0; i < taps_.size(); ++i) taps_[i].drain(fds[i + 1].revents);
    }
    return *status_;
  }

 private:
  [[nodiscard]] bool any_open() const {
    for (const auto& tap : taps_)
      if (tap.open()) return true;
    return false;
  }

  void reap() {
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;)
      if (ended == child_) status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended_without_us()) status_ = 255;
  }

  /// Somebody else reaped it, which cannot be unless runc's own parentage went wrong: never wait for ever.
  [[nodiscard]] bool ended_without_us() const { return !status_ && ::kill(child_, 0) != 0 && errno == ESRCH; }

  /// As Docker does: a first process without handlers ignores what is passed on, so the third request kills
  /// it.
  void handle_signals() {
    constexpr int kPatience = 3;
    signalfd_siginfo info{};
    while (::read(signals_.raw(), &info, sizeof info) == sizeof info) {
      const int signal = static_cast<int>(info.ssi_signo);
      if (signal == SIGCHLD) continue;
      const bool asks_to_end = signal == SIGINT || signal == SIGTERM || signal == SIGQUIT;
      if (asks_to_end) ++requests_;
      ::kill(child_, requests_ >= kPatience ? SIGKILL : signal);
    }
  }

  pid_t child_;
  UniqueFd signals_;
  std::vector<Tap> taps_;
  std::optional<int> status_;
  int requests_ = 0;
};

/// A running container and the ends of its streams that are ours.
struct Running {
  pid_t pid = 0;
  std::vector<Tap> taps;
  UniqueFd held_open;  ///< its stdin, when nobody writes to it but it must not end
};

StartResult<Running> start_with_terminal(const Runc& runc, const Supervision& job, Fd log) {
  const auto console = ConsoleSocket::listen(job.bundle, "tty");
  if (!console) return engine(console.error());
  const auto pid = runc.start(job.id, job.bundle, {}, console->path());
  if (!pid) return std::unexpected(pid.error());
  auto terminal = console->receive();
  if (!terminal) return engine(terminal.error());
  Running out{.pid = *pid};
  out.taps.emplace_back(std::move(*terminal), log, Fd(), false);
  return out;
}

StartResult<Running> start_with_pipes(const Runc& runc, const Supervision& job, Fd log) {
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  for (const auto* pipe : {&in, &out, &err})
    if (!*pipe) return engine(pipe->error());
  Fd input;
  if (job.interactive) input = job.detached ? in->read.get() : Fd(0);
  const auto pid = runc.start(job.id, job.bundle, {input, out->write.get(), err->write.get()});
  if (!pid) return std::unexpected(pid.error());
  Running running{.pid = *pid, .held_open = std::move(in->write)};
  running.taps.emplace_back(std::move(out->read), log, job.detached ? Fd() : Fd(1), false);
  running.taps.emplace_back(std::move(err->read), log, job.detached ? Fd() : Fd(2), true);
  return running;
}

}  // namespace

StartResult<int> supervise(const Runc& runc, const Supervision& job) {
  if (job.terminal && !job.detached) return runc.run_on_terminal(job.id, job.bundle);
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
    return engine({.verb = "become subreaper", .sys_errno = errno});
  auto signals = watch_signals();
  if (!signals) return engine(signals.error());
  const auto log_file = open_file(job.log, O_WRONLY | O_CREAT | O_APPEND, 0640);
  if (!log_file) return engine(log_file.error());
  auto running = job.terminal ? start_with_terminal(runc, job, log_file->get())
                              : start_with_pipes(runc, job, log_file->get());
  if (!running) return std::unexpected(running.error());
  if (job.started) job.started(running->pid);
  const int status = Supervisor(running->pid, std::move(*signals), std::move(running->taps)).run();
  // What runc leaves behind is swept with the container; the exit status must not be lost for it.
  if (auto removed = runc.remove(job.id); !removed)
    log::warn("runc delete failed", {{"error", removed.error().message()}});
  return status;
}

}  // namespace podwire::oci
