#pragma once
#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::bench {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* stream) const { SSL_free(stream); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTls>;

/// Trusts this CA and nobody else.
Result<TlsContext> trust(const std::string& ca_file);

struct Answer {
  int status = 0;
  std::string body;
};

/// One HTTP/1.1 connection to 127.0.0.1 that stays open, over TLS or plain: as little of a client as will do,
/// so that what is measured is the server. Blocks, at most 30 s.
class Connection {
 public:
  /// `tls` nullptr: plain.
  static Result<Connection> open(std::uint16_t port, SSL_CTX* tls);

  Result<> send(std::string_view request);
  /// Until the first bytes of the answer are here.
  Result<> await();
  /// The whole answer.
  Result<Answer> receive();
  Result<Answer> call(std::string_view request);

  /// Reads the header of an answer that has no end, a watch.
  Result<> begin_stream();
  /// Its next line.
  Result<std::string> line();

  [[nodiscard]] Fd fd() const { return socket_.get(); }

 private:
  explicit Connection(UniqueFd socket) : socket_(std::move(socket)) {}
  Result<> fill();
  Result<std::string> header();
  Result<std::string> take(std::size_t size);
  Result<std::string> take_line();
  Result<std::string> chunk();

  UniqueFd socket_;
  std::unique_ptr<SSL, FreeTls> tls_;
  std::string in_;         ///< what was received and not taken
  std::size_t taken_ = 0;  ///< of in_
  std::string lines_;      ///< of a stream: what its chunks held and line() has not returned
};

}  // namespace podwire::bench
