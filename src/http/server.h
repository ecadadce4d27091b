#pragma once
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "http/duplex.h"
#include "http/message.h"

namespace podwire::http {

/// What a client may cost. Who asks for more gets a clear answer and is cut off.
struct Limits {
  std::uint32_t header_bytes = 64 << 10;  ///< 431
  std::uint64_t body_bytes = 3 << 20;     ///< 413
  std::size_t connections = 10'000;       ///< 503 with Retry-After; fewer where descriptors are fewer
  std::chrono::seconds handshake{10};
  std::chrono::seconds header{10};  ///< from a request's first byte to the end of its header; 408
  std::chrono::seconds body{30};    ///< from there to its last byte; 408
  std::chrono::seconds idle{180};   ///< between two requests
  std::chrono::seconds write{30};   ///< without the client taking anything
};

/// The way back to the client, for one request. Either send(), or begin() and then write() as often as there
/// is something; or upgrade().
class Responder {
 public:
  virtual ~Responder() = default;
  /// A whole answer. False: the client is gone.
  virtual Task<bool> send(int status, Headers headers, std::string body) = 0;
  /// An answer whose end is not known yet (chunked).
  virtual Task<bool> begin(int status, Headers headers) = 0;
  virtual Task<bool> write(std::string piece) = 0;
  virtual Task<bool> end() = 0;
  /// After begin(): waits for wake(), for the client's going or the server's stop (then gone()), or for the
  /// time to pass.
  virtual Task<void> wait(std::chrono::milliseconds at_most) = 0;
  /// Ends the present wait(), or the next one. From anywhere on the thread; cheap.
  virtual void wake() = 0;
  [[nodiscard]] virtual bool gone() const = 0;
  /// From now on the client may be as slow as it likes (Limits::write does not hold): a person reads along.
  /// What is upgraded is like that from the start.
  virtual void be_patient() {}
  /// Instead of an answer: 101 with these headers (Connection and Upgrade among them), and from then on the
  /// bytes are the caller's, beginning with what the client sent behind its request. The stream may outlive
  /// the handler; the connection ends with it, or with the server's stop. Errors: the client is gone, or
  /// there is no connection to give away.
  virtual Task<Result<std::unique_ptr<Duplex>>> upgrade(Headers headers);
};

/// How many of so many descriptors connections may take.
[[nodiscard]] std::size_t connections_within(std::size_t descriptors);

/// Answers one request. Both arguments live until it ends.
using Handler = std::function<Task<void>(const Request&, Responder&)>;

/// The body (JSON) that says why a request was refused before a handler could answer it.
using Complain = std::function<std::string(int status, std::string_view sentence)>;

/// The certificates of a server, as PEM.
struct ServerCertificates {
  std::string chain, key;
  std::string client_ca;  ///< clients may show a certificate of this CA
};

/// An HTTP/1.1 server over TLS 1.2 or newer, on one io_context that one thread runs. One request at a time a
/// connection, in order. Connections above the limit are told so, as long as there are not many of them; the
/// others are closed.
class Server {
 public:
  Server(boost::asio::io_context& io, Handler handler, Complain complain, Limits limits = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Raises the process's limit of descriptors. Errors of the certificates, or of the address. Returns the
  /// port, which matters for port 0.
  Result<std::uint16_t> listen(IpAddr address, std::uint16_t port, const ServerCertificates& certificates);
  /// The same with TCP sockets that listen already, of any network namespace; at least one. Returns the first
  /// one's port.
  Result<std::uint16_t> listen(std::vector<UniqueFd> sockets, const ServerCertificates& certificates);
  /// Takes no more connections, wakes all streams (gone()), closes what is idle. Connections end with their
  /// requests.
  void stop();
  /// After stop(): cuts off whoever is still there.
  void close();
  [[nodiscard]] std::size_t connections() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace podwire::http
