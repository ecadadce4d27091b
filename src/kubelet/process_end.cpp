#include "kubelet/process_end.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>

#include "base/unique_fd.h"

namespace podwire::kubelet {
namespace {

namespace asio = boost::asio;

/// The identity is compared after the descriptor is open, so that the number cannot have changed hands.
UniqueFd open_process(const oci::ProcessIdentity& process) {
  UniqueFd fd(process.pid > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)) : -1);
  return process.alive() ? std::move(fd) : UniqueFd();
}

}  // namespace

http::Task<void> process_end(oci::ProcessIdentity process) {
  auto fd = open_process(process);
  if (!fd) co_return;
  const auto executor = co_await asio::this_coro::executor;
  asio::posix::stream_descriptor waited(executor, fd.release());
  co_await waited.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
}

Result<> send_signal(oci::ProcessIdentity process, int signal) {
  const auto fd = open_process(process);
  if (!fd) return {};
  if (::syscall(SYS_pidfd_send_signal, fd.raw(), signal, nullptr, 0) != 0 && errno != ESRCH)
    return fail("send a signal to", "process " + std::to_string(process.pid), errno);
  return {};
}

}  // namespace podwire::kubelet
