#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/unique_fd.h"
#include "client/clock.h"

namespace podwire::agent {

/// Waits in the event loop for a descriptor that somebody else owns, and who outlives this.
class Readable {
 public:
  Readable(boost::asio::io_context& io, Fd fd) : descriptor_(io, fd.raw()) {}
  ~Readable() { descriptor_.release(); }
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;

  /// Until there is something to read. Can be cancelled.
  client::Task<void> wait() {
    co_await descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                    boost::asio::use_awaitable);
  }

 private:
  boost::asio::posix::stream_descriptor descriptor_;
};

}  // namespace podwire::agent
