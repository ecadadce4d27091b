#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/server.h"

namespace podwire::http {

/// What is sent to a server.
struct Call {
  std::string method = "GET";
  std::string target;  ///< "/api/v1/pods?watch=true", percent-encoded
  Headers headers;     ///< beside those that the transport needs itself (Host, Content-Length...)
  std::string body;
};

/// A whole answer.
struct Reply {
  int status = 0;
  Headers headers;
  std::string body;

  /// The first of that name, whatever its case; else empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// An answer that comes piece by piece, such as a watch. Ends when it is destroyed.
class Incoming {
 public:
  virtual ~Incoming() = default;
  [[nodiscard]] virtual int status() const = 0;
  [[nodiscard]] virtual std::string_view header(std::string_view name) const = 0;
  /// The next bytes, as soon as there are some; empty: the answer has ended as it should. Errors, after which
  /// there is nothing more to read: it was cut off, or nothing came for `at_most`.
  virtual Task<Result<std::string>> read(std::chrono::milliseconds at_most) = 0;
};

/// A connection that a server has agreed to make a stream of bytes, or what it has answered instead.
struct Upgraded {
  Reply reply;                     ///< its 101; or another status, with the beginning of what it says
  std::unique_ptr<Duplex> stream;  ///< none unless it is 101
};

/// One server, as its clients see it: over the network (TlsClient), or in this process (LocalClient). Any
/// number of calls at a time, on one thread. A call can be cancelled by Asio's means (its coroutine's
/// cancellation slot): its resources are given back, and its coroutine ends.
class Client {
 public:
  virtual ~Client() = default;
  /// Errors: not reached, not trusted, cut off, too late, too large. What was sent may have been done
  /// nevertheless. Any HTTP status is an answer.
  virtual Task<Result<Reply>> send(Call call) = 0;
  /// As far as the headers.
  virtual Task<Result<std::unique_ptr<Incoming>>> open(Call call) = 0;
  /// With the call's headers Connection and Upgrade.
  virtual Task<Result<Upgraded>> upgrade(Call call);
};

}  // namespace podwire::http
