#include "kubelet/exec_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/spawn.h"
#include "kubelet/process_end.h"

namespace podwire::kubelet {
namespace {

Result<UniqueFd> copy_of(const UniqueFd& fd) {
  UniqueFd out(::fcntl(fd.raw(), F_DUPFD_CLOEXEC, 0));
  if (!out) return fail("duplicate", "descriptor", errno);
  return out;
}

Result<> never_wait(const UniqueFd& fd) {
  const int flags = fd ? ::fcntl(fd.raw(), F_GETFL) : 0;
  if (fd && ::fcntl(fd.raw(), F_SETFL, flags | O_NONBLOCK) != 0) return fail("set", "O_NONBLOCK", errno);
  return {};
}

/// Asio's sockets are not closed on exec, and this process may live long.
int hold_nothing() { return ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); }

class ExecProcess final : public streaming::RunningProcess {
 public:
  ExecProcess(pid_t pid, Streams streams, UniqueFd terminal)
      : pid_(pid), streams_(std::move(streams)), terminal_(std::move(terminal)) {}
  ExecProcess(const ExecProcess&) = delete;
  ExecProcess& operator=(const ExecProcess&) = delete;

  /// runc passes no SIGKILL on: SIGTERM asks it first, and the hangup of its streams tells the process.
  ~ExecProcess() override {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  Streams take_streams() override { return std::move(streams_); }

  void resize(std::uint16_t columns, std::uint16_t rows) override {
    const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    if (terminal_) ::ioctl(terminal_.raw(), TIOCSWINSZ, &size);
  }

  streaming::Task<Result<int>> wait() override {
    if (pid_ > 0) {
      co_await process_end(oci::ProcessIdentity::of(pid_));
      auto status = wait_for(pid_);
      pid_ = 0;
      if (!status) co_return std::unexpected(status.error());
      status_ = *status;
    }
    co_return status_;
  }

 private:
  pid_t pid_;
  int status_ = 0;
  Streams streams_;
  UniqueFd terminal_;
};

Command command_of(const std::string& runc, const std::string& id, const streaming::ExecOptions& options) {
  Command out{.argv = {"runc", "--root", runc, "exec"}};
  if (options.terminal) out.argv.emplace_back("--tty");
  out.argv.push_back(id);
  out.argv.insert(out.argv.end(), options.command.begin(), options.command.end());
  out.before_exec = hold_nothing;
  return out;
}

/// runc makes a terminal in the container, and copies between that one and ours.
Result<std::unique_ptr<streaming::RunningProcess>> on_terminal(Command command) {
  int master_fd = -1, slave_fd = -1;
  if (::openpty(&master_fd, &slave_fd, nullptr, nullptr, nullptr) != 0)
    return fail("open", "terminal", errno);
  UniqueFd master(master_fd), slave(slave_fd);
  for (const auto* fd : {&master, &slave}) ::fcntl(fd->raw(), F_SETFD, FD_CLOEXEC);
  command.before_exec = [] {
    return hold_nothing() != 0 || ::setsid() < 0 || ::ioctl(0, TIOCSCTTY, 0) != 0 ? 1 : 0;
  };
  const pid_t pid = TRY(spawn(command, {slave.get(), slave.get(), slave.get()}));
  TRY(never_wait(master));
  streaming::RunningProcess::Streams streams{
      .in = TRY(copy_of(master)), .out = TRY(copy_of(master)), .err = {}};
  return std::make_unique<ExecProcess>(pid, std::move(streams), std::move(master));
}

Result<std::unique_ptr<streaming::RunningProcess>> on_pipes(const Command& command,
                                                            const streaming::ExecOptions& options) {
  auto in = TRY(make_pipe());
  auto out = TRY(make_pipe());
  auto err = TRY(make_pipe());
  const Stdio stdio{options.in ? in.read.get() : Fd(), options.out ? out.write.get() : Fd(),
                    options.err ? err.write.get() : Fd()};
  const pid_t pid = TRY(spawn(command, stdio));
  streaming::RunningProcess::Streams streams;
  if (options.in) streams.in = std::move(in.write);
  if (options.out) streams.out = std::move(out.read);
  if (options.err) streams.err = std::move(err.read);
  for (const auto* fd : {&streams.in, &streams.out, &streams.err}) TRY(never_wait(*fd));
  return std::make_unique<ExecProcess>(pid, std::move(streams), UniqueFd());
}

}  // namespace

Result<std::unique_ptr<streaming::RunningProcess>> start_exec(const std::string& runc, const std::string& id,
                                                              const streaming::ExecOptions& options) {
  auto command = command_of(runc, id, options);
  return options.terminal ? on_terminal(std::move(command)) : on_pipes(command, options);
}

}  // namespace podwire::kubelet
