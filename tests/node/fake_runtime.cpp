#include "fake_runtime.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>

#include "base/file.h"
#include "base/spawn.h"

namespace podwire::streaming {
namespace {

namespace asio = boost::asio;

class HostProcess final : public RunningProcess {
 public:
  HostProcess(asio::io_context& io, pid_t pid, Streams streams, UniqueFd terminal)
      : pid_(pid),
        streams_(std::move(streams)),
        terminal_(std::move(terminal)),
        end_(io, static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;
  ~HostProcess() override {
    if (reaped_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  Streams take_streams() override { return std::move(streams_); }
  void resize(std::uint16_t columns, std::uint16_t rows) override {
    const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    if (terminal_) ::ioctl(terminal_.raw(), TIOCSWINSZ, &size);
  }
  Task<Result<int>> wait() override {
    const auto [error] = co_await end_.async_wait(asio::posix::descriptor_base::wait_read,
                                                  asio::as_tuple(asio::use_awaitable));
    if (error) co_return fail("wait for", "process", error.value());
    reaped_ = true;
    co_return wait_for(pid_);
  }

 private:
  pid_t pid_;
  Streams streams_;
  UniqueFd terminal_;
  asio::posix::stream_descriptor end_;
  bool reaped_ = false;
};

kube::Status broken(const Error& why) {
  return {.code = 500, .reason = "InternalError", .message = "error executing command: " + why.message()};
}

Result<std::unique_ptr<RunningProcess>> start_on_terminal(asio::io_context& io, Command command, bool in) {
  UniqueFd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!master || ::grantpt(master.raw()) != 0 || ::unlockpt(master.raw()) != 0)
    return fail("open", "terminal", errno);
  const UniqueFd slave(::open(::ptsname(master.raw()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  command.before_exec = [] { return ::setsid() < 0 || ::ioctl(0, TIOCSCTTY, 0) != 0 ? 1 : 0; };
  const auto pid = TRY(spawn(command, {slave.get(), slave.get(), slave.get()}));
  RunningProcess::Streams streams;
  streams.out = UniqueFd(::fcntl(master.raw(), F_DUPFD_CLOEXEC, 0));
  if (in) streams.in = UniqueFd(::fcntl(master.raw(), F_DUPFD_CLOEXEC, 0));
  return std::make_unique<HostProcess>(io, pid, std::move(streams), std::move(master));
}

Result<std::unique_ptr<RunningProcess>> start(asio::io_context& io, const ExecOptions& options) {
  Command command{.argv = options.command};
  if (options.terminal) return start_on_terminal(io, std::move(command), options.in);
  auto in = TRY(make_pipe());
  auto out = TRY(make_pipe());
  auto err = TRY(make_pipe());
  const auto pid =
      TRY(spawn(command, {options.in ? in.read.get() : Fd(), options.out ? out.write.get() : Fd(),
                          options.err ? err.write.get() : Fd()}));
  RunningProcess::Streams streams;
  if (options.in) streams.in = std::move(in.write);
  if (options.out) streams.out = std::move(out.read);
  if (options.err) streams.err = std::move(err.read);
  return std::make_unique<HostProcess>(io, pid, std::move(streams), UniqueFd());
}

Answer<> check(const ContainerRef& container) {
  if (container.pod != "web")
    return std::unexpected(
        kube::Status{.code = 404, .message = fmt::format("pod \"{}\" does not exist", container.pod)});
  if (container.container == "creating")
    return kube::bad_request("container \"creating\" in pod \"web\" is waiting to start: ContainerCreating");
  return {};
}

}  // namespace

Answer<LogFile> FakeRuntime::log_of(const ContainerRef& container, bool previous) {
  TRY(check(container));
  if (previous && !file_exists(log_ + ".previous"))
    return kube::bad_request(
        fmt::format("previous terminated container \"{}\" in pod \"web\" not found", container.container));
  return LogFile{.path = previous ? log_ + ".previous" : log_,
                 .is_written = [file = log_ + ".ended"] { return !file_exists(file); }};
}

Task<Answer<std::unique_ptr<RunningProcess>>> FakeRuntime::exec(const ContainerRef& container,
                                                                ExecOptions options) {
  if (auto there = check(container); !there) co_return std::unexpected(there.error());
  auto process = start(io_, options);
  if (!process) co_return std::unexpected(broken(process.error()));
  co_return std::move(*process);
}

Task<Answer<std::unique_ptr<RunningProcess>>> FakeRuntime::attach(const ContainerRef& container,
                                                                  ExecOptions options) {
  options.command = {"/bin/sh", "-c", "echo attached; read line; echo \"heard $line\""};
  auto process = co_await exec(container, std::move(options));
  co_return process;
}

Task<Answer<UniqueFd>> FakeRuntime::connect(const ContainerRef& pod, std::uint16_t port) {
  if (auto there = check(pod); !there) co_return std::unexpected(there.error());
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.raw(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    co_return std::unexpected(broken(fail("connect to", fmt::format("localhost:{}", port), errno).error()));
  co_return fd;
}

}  // namespace podwire::streaming
