#pragma once
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "base/result.h"
#include "http/server.h"
#include "http/socket_stream.h"
#include "http/transport.h"

namespace podwire::http {

/// TLS 1.2 or newer with those certificates, for a server. Errors: they are of no use.
[[nodiscard]] Result<> configure(boost::asio::ssl::context& tls, const ServerCertificates& given);

/// The server's end of a TLS connection.
class TlsTransport final
    : public SocketStream<boost::asio::ssl::stream<boost::asio::ip::tcp::socket>, Transport> {
 public:
  using SocketStream::SocketStream;

  Task<Result<Peer>> open() override;
  void cancel() override;
  void finish() override;
};

}  // namespace podwire::http
