#pragma once
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/unique_fd.h"
#include "http/duplex.h"

namespace podwire::streaming {

/// A pipe's end, a terminal's master or a socket, as a stream. Must not be destroyed while something waits
/// for it.
class FdStream final : public http::Duplex {
 public:
  /// Makes it non-blocking.
  FdStream(const boost::asio::any_io_executor& executor, UniqueFd fd);

  /// A terminal that nobody has open any more has ended.
  http::Task<Result<std::string>> read_some(std::size_t at_most) override;
  http::Task<Result<>> write_all(std::string bytes) override;
  void close() override;
  /// Nothing more will be written. A socket can still be read then; anything else is closed.
  void finish();

 private:
  boost::asio::posix::stream_descriptor fd_;
};

}  // namespace podwire::streaming
