#include "lab/cluster/keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include "base/descriptor_limit.h"
#include "base/file.h"
#include "base/log.h"
#include "lab/cluster/cluster.h"
#include "lab/cluster/conversation.h"
#include "lab/cluster/remains.h"
#include "lab/machine_cgroup.h"

namespace podwire::lab {
namespace {

namespace asio = boost::asio;
using Stream = asio::local::stream_protocol;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// A tmpfs that only we and our machines see.
Result<> make_disks(const LabFiles& files) {
  TRY(make_directories(files.disks()));
  if (::unshare(CLONE_NEWNS) != 0)
    return fail("create a mount namespace", {}, errno, errno == EPERM ? "a lab needs root" : "");
  // What the host mounts and unmounts is still followed; what we mount stays here.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    return fail("detach mounts of", "/", errno);
  if (::mount("podwire-lab", files.disks().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0)
    return fail("mount a tmpfs at", files.disks(), errno);
  return {};
}

/// Only root and whoever runs the lab may ask for anything.
bool may_ask(Stream::socket& client) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(client.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == ::geteuid());
}

class Keeper {
 public:
  Keeper(const LabSettings& settings, const LabFiles& files, const Programs& programs, FileLock lock)
      : files_(files),
        lock_(std::move(lock)),
        as_long_as_(settings.as_long_as),
        signals_(io_, SIGTERM, SIGINT),
        door_(io_),
        cluster_(io_, settings, files, programs),
        conversations_(cluster_, [this] { return take_down(); }, [this] { io_.stop(); }) {
    cluster_.on_change = [this] { conversations_.changed(); };
  }

  Result<> run() {
    TRY(open_door());
    TRY(know_companion());
    if (companion_.is_open()) asio::co_spawn(io_, wait_for_companion(), asio::detached);
    asio::co_spawn(io_, wait_for_signals(), asio::detached);
    asio::co_spawn(io_, serve_first(), asio::detached);
    asio::co_spawn(io_, take_clients(), asio::detached);
    asio::co_spawn(io_, build(), asio::detached);
    io_.run();
    return {};
  }

 private:
  Result<> open_door() {
    boost::system::error_code error;
    const auto directory = TRY(open_file(files_.directory, O_PATH | O_DIRECTORY));
    // However long the directory's path is: a socket's may have 107 characters.
    const auto path = fmt::format("/proc/self/fd/{}/control.sock", directory.raw());
    door_.open({}, error);
    const auto mask = ::umask(0077);
    if (!error) door_.bind(Stream::endpoint(path), error);
    ::umask(mask);
    if (!error) door_.listen(asio::socket_base::max_listen_connections, error);
    return error ? fail("listen on", files_.control(), error.value()) : Result<>();
  }

  http::Task<void> build() {
    const auto built = co_await cluster_.build();
    if (built || down_) co_return;
    log::error(built.error().message());
    // Whoever waits for the lab is told why, and then there is none.
    while (conversations_.clients() > 0 && !down_) {
      asio::steady_timer pause(io_, std::chrono::milliseconds(5));
      [[maybe_unused]] const auto [error] = co_await pause.async_wait(kTuple);
    }
    end();
  }

  http::Task<void> take_clients() {
    while (true) {
      auto [error, client] = co_await door_.async_accept(kTuple);
      if (error) co_return;
      if (may_ask(client)) asio::co_spawn(io_, conversations_.talk(std::move(client)), asio::detached);
    }
  }

  /// The one who wants the lab; it has no wish to keep what is not ready when it goes.
  http::Task<void> serve_first() {
    Stream::socket client(io_);
    boost::system::error_code error;
    client.assign(Stream(), ::fcntl(0, F_DUPFD_CLOEXEC, 3), error);
    const auto nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(nothing, 0);
    ::close(nothing);
    if (!error) co_await conversations_.talk(std::move(client));
    if (down_ || conversations_.kept() || all_ready()) co_return;
    log::warn("who wanted the lab has gone before it was ready");
    end();
  }

  [[nodiscard]] bool all_ready() const {
    return std::ranges::all_of(cluster_.node_names(),
                               [&](const auto& n) { return cluster_.state(n) == "Ready"; });
  }

  /// The process that the lab ends with.
  Result<> know_companion() {
    if (as_long_as_ == 0) return {};
    const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, as_long_as_, 0));
    if (fd < 0)
      return fail("watch process", std::to_string(as_long_as_), errno, "the lab was to end with it");
    companion_.assign(fd);
    return {};
  }
  http::Task<void> wait_for_companion() {
    [[maybe_unused]] const auto [error] =
        co_await companion_.async_wait(asio::posix::stream_descriptor::wait_read, kTuple);
    if (!error) end();
  }

  http::Task<void> wait_for_signals() {
    [[maybe_unused]] const auto [error, signal] = co_await signals_.async_wait(kTuple);
    if (error) co_return;
    end();
  }

  void end() {
    if (auto down = take_down(); !down) log::warn(down.error().message());
    io_.stop();
  }

  Result<> take_down() {
    if (down_) return {};
    down_ = true;
    ErrorList errors;
    errors.check(cluster_.take_down());
    if (::umount2(files_.disks().c_str(), MNT_DETACH) != 0)
      errors.add({.verb = "unmount", .object = files_.disks(), .sys_errno = errno, .detail = {}});
    errors.check(remove_remains(files_));
    return errors.result();
  }

  LabFiles files_;
  FileLock lock_;
  pid_t as_long_as_;
  asio::io_context io_{1};
  asio::posix::stream_descriptor companion_{io_};
  asio::signal_set signals_;
  Stream::acceptor door_;
  Cluster cluster_;
  Conversations conversations_;
  bool down_ = false;
};

Result<> keep(const LabSettings& settings, const LabFiles& files, const Programs& programs) {
  TRY(raise_descriptor_limit());
  TRY(make_directories(files.directory));
  auto lock = FileLock::acquire(files.lock(), std::chrono::milliseconds(0));
  if (!lock) {
    if (lock.error().sys_errno != EWOULDBLOCK) return std::unexpected(std::move(lock.error()));
    return fail("make lab", settings.name, EEXIST,
                "it is there already: see `podwire lab status`, or take another --name");
  }
  // Of a lab whose keeper was killed.
  TRY(remove_files(files));
  TRY(write_file_atomic(files.cgroup(), TRY(cgroup2_directory_of(::getpid())), 0600,
                        Durability::until_reboot));
  const auto log = TRY(open_file(files.log(), O_WRONLY | O_CREAT | O_APPEND, 0600));
  ::dup2(log.raw(), 1);
  ::dup2(log.raw(), 2);
  TRY(make_disks(files));
  return Keeper(settings, files, programs, std::move(*lock)).run();
}

}  // namespace

Result<> keep_lab(const LabSettings& settings, const LabFiles& files, const Programs& programs) {
  std::signal(SIGPIPE, SIG_IGN);
  auto kept = keep(settings, files, programs);
  if (!kept) static_cast<void>(write_all(Fd(0), refusal_line(kept.error())));
  return kept;
}

}  // namespace podwire::lab
