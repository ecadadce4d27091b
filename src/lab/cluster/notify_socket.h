#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/server.h"

namespace podwire::lab {

/// Where one program says that it is ready, as to a service manager (sd_notify(3)). On the io_context's one
/// thread.
class NotifySocket {
 public:
  /// A new socket at `path`. `told` is called at each READY=1.
  static Result<std::shared_ptr<NotifySocket>> listen(boost::asio::io_context& io, const std::string& path,
                                                      std::function<void()> told);
  /// It has said so, and did not end since.
  [[nodiscard]] bool ready() const { return ready_; }
  void forget() { ready_ = false; }
  /// Listens no longer.
  void close();

 private:
  NotifySocket(boost::asio::io_context& io, std::function<void()> told)
      : socket_(io), told_(std::move(told)) {}
  static http::Task<void> hear(std::shared_ptr<NotifySocket> self);

  boost::asio::local::datagram_protocol::socket socket_;
  std::function<void()> told_;
  bool ready_ = false;
};

}  // namespace podwire::lab
