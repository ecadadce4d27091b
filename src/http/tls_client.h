#pragma once
#include <functional>

#include "http/client.h"

namespace podwire::http {

/// A Client over the network: HTTP/1.1 over TLS 1.2 or newer, or without TLS for an http:// URL.
class TlsClient final : public Client {
 public:
  struct Options {
    std::string url;          ///< "https://host:port[/prefix]"
    std::string ca;           ///< PEM; empty: the system's
    std::string certificate;  ///< that the client shows, PEM, with those that signed it
    std::string key;
    /// Asked before each request for a bearer token; none where it is empty, or the call has its own.
    std::function<Result<std::string>()> token;
    bool verify = true;       ///< false: any server is trusted
    std::string server_name;  ///< what the server's certificate is for, where that is not the URL's host
    std::chrono::milliseconds connect = std::chrono::seconds(10);  ///< until TLS is there
    std::chrono::milliseconds request =
        std::chrono::seconds(60);          ///< until send()'s answer, open()'s headers
    std::size_t answer_bytes = 256 << 20;  ///< of send()
    std::size_t idle_connections = 4;      ///< kept for the next send(), for a minute
  };

  /// Errors: of the URL, the certificates, the key. Nothing is connected yet. The io_context lives longer.
  static Result<std::unique_ptr<TlsClient>> make(boost::asio::io_context& io, Options options);
  ~TlsClient() override;
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// A GET or HEAD that a kept connection has swallowed is sent once more, over a new one.
  Task<Result<Reply>> send(Call call) override;
  Task<Result<std::unique_ptr<Incoming>>> open(Call call) override;
  Task<Result<Upgraded>> upgrade(Call call) override;

  /// Closes the connections that are kept: the way to the server is another one now, or our own address.
  void forget_idle();

 private:
  class Core;
  explicit TlsClient(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace podwire::http
