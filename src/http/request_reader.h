#pragma once
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <expected>
#include <optional>

#include "http/duplex.h"
#include "http/server.h"

namespace podwire::http {

/// Why what came is no request to answer. Status 0: nothing can be said, the client has gone.
struct Refusal {
  int status = 0;
  std::string sentence;
};

/// Takes requests out of a stream, one after the other: begin(), header(), body(), and again. After a Refusal
/// the stream is of no more use.
class RequestReader {
 public:
  RequestReader(Duplex& stream, const Limits& limits) : stream_(stream), limits_(limits) {}

  /// Something of the next request is here already.
  [[nodiscard]] bool begun() const { return buffer_.size() > 0; }
  /// Waits for it. False: the client has gone.
  Task<bool> begin();
  Task<std::expected<void, Refusal>> header();
  /// The client waits for "100 Continue" before it sends its body.
  [[nodiscard]] bool expects_continue() const;
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  Task<std::expected<Request, Refusal>> body();
  /// What came after the last request.
  [[nodiscard]] std::string take_rest();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  /// Feeds the parser until the header, or all, is there.
  Task<boost::system::error_code> feed(bool all);
  [[nodiscard]] Refusal refusal(const boost::system::error_code& error) const;

  Duplex& stream_;
  const Limits& limits_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Headers headers_;
  std::size_t header_size_ = 0;
  bool keep_alive_ = true;
};

}  // namespace podwire::http
