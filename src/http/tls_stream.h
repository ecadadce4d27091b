#pragma once
#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/message.h"

namespace podwire::http {

/// One end of a TLS connection. OpenSSL reads and writes the socket itself: what can be done at once is done
/// on the spot, without a way through the io_context, and a connection that is at rest holds no buffers.
/// Thousands of watchers are what this is for. One coroutine may read while another writes.
class TlsStream {
 public:
  enum class Side : std::uint8_t { client, server };

  /// The context is kept.
  TlsStream(boost::asio::ip::tcp::socket socket, SSL_CTX* context);

  Task<Result<>> handshake(Side side);
  /// The next bytes, at most that many; empty: the other side has ended the stream. An end without TLS's
  /// goodbye is an end: HTTP knows by itself whether something is missing.
  Task<Result<std::string>> read_some(std::size_t at_most);
  Task<Result<>> write_all(std::string bytes);

  [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }
  [[nodiscard]] SSL* native() { return ssl_.get(); }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  /// Makes an OpenSSL call, again whenever the socket is ready for what it lacked, until it is done.
  template <class Call>
  Task<boost::system::error_code> complete(Call call);

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace podwire::http
