#pragma once
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>

#include "http/dial.h"
#include "http/message.h"

namespace podwire::http {

/// One HTTP/1.1 connection, from the client's side. One call at a time: ask(), then read() until the end.
/// After an error it is of no more use.
class ClientConnection {
 public:
  explicit ClientConnection(std::unique_ptr<ClientStream> stream) : stream_(std::move(stream)) {}

  /// Sends a request and waits for the status and headers of its answer. `head`: it is a HEAD, whose answer
  /// has no body.
  Task<Result<>> ask(std::string request, bool head);
  [[nodiscard]] int status() const { return static_cast<int>(parser_->get().result_int()); }
  [[nodiscard]] const Headers& headers() const { return headers_; }
  /// The next piece of its body; empty: that was all.
  Task<Result<std::string>> read();

  /// No byte of an answer has come yet.
  [[nodiscard]] bool silent() const { return silent_; }
  /// The last answer is read to its end, and the server waits for another request.
  [[nodiscard]] bool reusable();
  [[nodiscard]] Duplex& stream() { return *stream_; }
  void be_patient() { stream_->be_patient(); }
  void close() { stream_->close(); }

  /// After an answer of 101.
  Task<Result<std::string>> read_upgraded(std::size_t at_most);
  Task<Result<>> write_upgraded(std::string bytes) { return stream_->write_all(std::move(bytes)); }

 private:
  Task<Result<>> read_header();
  /// More bytes from the server. An error also at its end.
  Task<Result<>> fill();

  const std::unique_ptr<ClientStream> stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::buffer_body>> parser_;
  Headers headers_;
  bool silent_ = true;
};

}  // namespace podwire::http
