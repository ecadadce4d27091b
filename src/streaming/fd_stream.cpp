#include "streaming/fd_stream.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

namespace podwire::streaming {
namespace {

namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

FdStream::FdStream(const asio::any_io_executor& executor, UniqueFd fd) : fd_(executor, fd.release()) {
  boost::system::error_code ignored;
  fd_.non_blocking(true, ignored);
}

http::Task<Result<std::string>> FdStream::read_some(std::size_t at_most) {
  // Most of these wait most of the time: the memory comes when there is something.
  const auto [unready] = co_await fd_.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
  if (unready) co_return fail("read", "stream", unready.value());
  std::string out(at_most, '\0');
  const auto [error, size] = co_await fd_.async_read_some(asio::buffer(out), kTuple);
  if (error == asio::error::eof || error.value() == EIO) co_return std::string();
  if (error) co_return fail("read", "stream", error.value());
  out.resize(size);
  co_return out;
}

http::Task<Result<>> FdStream::write_all(std::string bytes) {
  const auto [error, size] = co_await asio::async_write(fd_, asio::buffer(bytes), kTuple);
  if (error) co_return fail("write", "stream", error.value());
  co_return Result<>();
}

void FdStream::close() {
  boost::system::error_code ignored;
  fd_.close(ignored);
}

void FdStream::finish() {
  if (!fd_.is_open()) return;
  if (::shutdown(fd_.native_handle(), SHUT_WR) != 0 && errno == ENOTSOCK) close();
}

}  // namespace podwire::streaming
