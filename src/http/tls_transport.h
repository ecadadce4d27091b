#pragma once
#include <boost/asio/ssl/context.hpp>

#include "base/result.h"
#include "http/server.h"
#include "http/tls_stream.h"
#include "http/transport.h"

namespace podwire::http {

/// TLS 1.2 or newer with those certificates, for a server. Errors: they are of no use.
[[nodiscard]] Result<> configure(boost::asio::ssl::context& tls, const ServerCertificates& given);

/// The server's end of a TLS connection.
class TlsTransport final : public Transport {
 public:
  TlsTransport(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls)
      : stream_(std::move(socket), tls.native_handle()) {}

  Task<Result<Peer>> open() override;
  Task<Result<std::string>> read_some(std::size_t at_most) override { return stream_.read_some(at_most); }
  Task<Result<>> write_all(std::string bytes) override { return stream_.write_all(std::move(bytes)); }
  void cancel() override;
  void finish() override;
  void close() override;

 private:
  TlsStream stream_;
};

}  // namespace podwire::http
