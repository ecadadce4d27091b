#pragma once
#include <optional>
#include <span>

#include "http/mutex.h"
#include "http/server.h"
#include "http/websocket_frame.h"

namespace podwire::http {

[[nodiscard]] bool asks_for_websocket(const Request& request);
/// The first of `known` that the client offers in Sec-WebSocket-Protocol; empty: none. Clients name the one
/// that they like best first, but what both know best is chosen here.
[[nodiscard]] std::string_view common_protocol(const Request& request,
                                               std::span<const std::string_view> known);

/// The server's end of a WebSocket (RFC 6455, without extensions). Pings are answered while somebody reads.
/// One coroutine may read; any number may write. Must not be destroyed while something waits for it.
class WebSocket {
 public:
  /// Takes the request's connection over. Errors: the request asks for none (nothing is answered yet), or the
  /// client is gone.
  static Task<Result<std::unique_ptr<WebSocket>>> accept(const Request& request, Responder& out,
                                                         std::string_view protocol);
  explicit WebSocket(std::unique_ptr<Duplex> stream, const boost::asio::any_io_executor& executor)
      : stream_(std::move(stream)), writing_(executor) {}

  /// The next message, text or binary; nullopt: the client has closed, or went away, or broke the protocol
  /// (it is told so).
  Task<std::optional<std::string>> read();
  /// A binary message. Waits while the client takes nothing. False: it is gone.
  Task<bool> write(std::string_view payload);
  /// Says goodbye. Nothing is written any more; what the client still sends can be read.
  Task<void> close(CloseCode code);
  /// At once. Who reads or writes is told that the client is gone.
  void cut() { stream_->close(); }

 private:
  Task<bool> put(Opcode opcode, std::string_view payload);

  const std::unique_ptr<Duplex> stream_;
  Mutex writing_;
  MessageReader reader_{kLongestMessage};
  bool closed_ = false;  ///< we have said goodbye

  static constexpr std::size_t kLongestMessage = 1 << 20;
};

}  // namespace podwire::http
