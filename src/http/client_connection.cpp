#include "http/client_connection.h"

#include <fmt/format.h>

namespace podwire::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr std::size_t kPiece = 16 << 10;
constexpr std::uint32_t kHeaderBytes = 64 << 10;
constexpr int kInterimAnswers = 16;  // a server may say "103 Early Hints", but not for ever

std::unexpected<Error> no_http(const boost::system::error_code& error) {
  return fail("read answer", "", 0, fmt::format("it is no HTTP/1.1: {}", error.message()));
}

}  // namespace

Task<Result<>> ClientConnection::fill() {
  const auto piece = co_await stream_->read_some(kPiece);
  if (!piece) co_return std::unexpected(piece.error());
  if (piece->empty())
    co_return fail("read answer", "", 0,
                   silent_ ? "the server ended the connection without one" : "it was cut off");
  silent_ = false;
  buffer_.commit(asio::buffer_copy(buffer_.prepare(piece->size()), asio::buffer(*piece)));
  co_return Result<>();
}

Task<Result<>> ClientConnection::read_header() {
  while (!parser_->is_header_done()) {
    boost::system::error_code error;
    if (buffer_.size() > 0) {
      const auto used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      if (error && error != beast::http::error::need_more) co_return no_http(error);
      if (!error && used > 0) continue;
    }
    const auto filled = co_await fill();
    if (!filled) co_return filled;
  }
  co_return Result<>();
}

Task<Result<>> ClientConnection::ask(std::string request, bool head) {
  silent_ = true;
  // A server that refuses a request may answer before all of it was sent, and take no more.
  const auto sent = co_await stream_->write_all(std::move(request));
  for (int i = 0; i < kInterimAnswers; ++i) {
    parser_.emplace();
    parser_->header_limit(kHeaderBytes);
    parser_->body_limit(boost::none);
    parser_->skip(head);
    const auto there = co_await read_header();
    if (!there) co_return std::unexpected(sent ? there.error() : sent.error());
    if (status() / 100 == 1 && status() != 101) continue;
    // An end of the connection is not taken for the end of an answer: it may have been cut off.
    if (!parser_->is_done() && parser_->need_eof())
      co_return fail("read answer", "", 0, "it does not tell where it ends");
    headers_.clear();
    for (const auto& field : parser_->get())
      headers_.emplace_back(std::string(field.name_string()), std::string(field.value()));
    parser_->eager(true);
    co_return Result<>();
  }
  co_return fail("read answer", "", 0, "the server announces it without end");
}

Task<Result<std::string>> ClientConnection::read() {
  std::string out(kPiece, '\0');
  auto& body = parser_->get().body();
  while (!parser_->is_done()) {
    boost::system::error_code error;
    if (buffer_.size() > 0) {
      body.data = out.data();
      body.size = out.size();
      body.more = true;
      const auto used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      if (error == beast::http::error::need_buffer) error = {};
      if (error && error != beast::http::error::need_more) co_return no_http(error);
      if (const auto size = out.size() - body.size; size > 0) {
        out.resize(size);
        co_return out;
      }
      if (!error && used > 0) continue;
    }
    const auto filled = co_await fill();
    if (!filled) co_return std::unexpected(filled.error());
  }
  co_return std::string();
}

bool ClientConnection::reusable() {
  return parser_ && parser_->is_done() && parser_->keep_alive() && status() != 101 && buffer_.size() == 0 &&
         stream_->quiet();
}

Task<Result<std::string>> ClientConnection::read_upgraded(std::size_t at_most) {
  if (buffer_.size() > 0) {
    std::string out(std::min(at_most, buffer_.size()), '\0');
    asio::buffer_copy(asio::buffer(out), buffer_.data());
    buffer_.consume(out.size());
    co_return out;
  }
  auto out = co_await stream_->read_some(at_most);
  co_return out;
}

}  // namespace podwire::http
