#pragma once
#include "http/client.h"

namespace podwire::http {

/// A Client of a Handler in the same process: no sockets, no TLS, the same answers. Each call's handler is a
/// coroutine of its own on the io_context, which must outlive this.
class LocalClient final : public Client {
 public:
  /// Handlers are told that `peer` asks. Of a streamed answer `buffer` bytes, and a piece, may wait to be
  /// read: then write() waits, for as long as it takes.
  LocalClient(boost::asio::io_context& io, Handler handler, Complain complain, Peer peer,
              std::size_t buffer = 64 << 10);
  ~LocalClient() override;
  LocalClient(const LocalClient&) = delete;
  LocalClient& operator=(const LocalClient&) = delete;

  Task<Result<Reply>> send(Call call) override;
  Task<Result<std::unique_ptr<Incoming>>> open(Call call) override;

  /// Streams end, for handlers (gone()) and readers (an error); new calls are errors.
  void stop();
  /// Handlers at work: also those whose caller has gone, until they notice.
  [[nodiscard]] std::size_t calls() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace podwire::http
