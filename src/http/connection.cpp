#include "http/connection.h"

#include <fmt/format.h>
#include <openssl/x509.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>

namespace podwire::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// Every value of that kind in a certificate's subject.
std::vector<std::string> subject_parts(X509_NAME* subject, int kind) {
  std::vector<std::string> out;
  for (int at = X509_NAME_get_index_by_NID(subject, kind, -1); at >= 0;
       at = X509_NAME_get_index_by_NID(subject, kind, at)) {
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) continue;
    out.emplace_back(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
  }
  return out;
}

std::string status_line(int status, const Headers& headers) {
  const auto reason = beast::http::obsolete_reason(static_cast<beast::http::status>(status));
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", status, std::string_view(reason.data(), reason.size()));
  for (const auto& [name, value] : headers) {
    out += name;
    out += ": ";
    for (const char c : value) out += c == '\r' || c == '\n' ? ' ' : c;  // a value cannot end its line
    out += "\r\n";
  }
  return out;
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, asio::ssl::context& tls, const Limits& limits,
                       const Handler& handler, const Complain& complain)
    : stream_(std::move(socket), tls),
      limits_(limits),
      handler_(handler),
      complain_(complain),
      signal_(stream_.get_executor()) {
  give(limits_.handshake);
  boost::system::error_code ignored;
  stream_.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto end = stream_.next_layer().remote_endpoint(ignored);
  if (!ignored) peer_.address = end.address().to_string();
}

Task<void> Connection::serve() {
  const auto self = shared_from_this();
  if (co_await handshake()) {
    while (!gone_ && keep_alive_) {
      Request request;
      const bool whole = co_await read(request);
      if (!whole) break;
      co_await handle(request);
    }
  }
  close();
}

Task<bool> Connection::handshake() {
  const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kTuple);
  if (error) co_return false;
  read_peer();
  co_return true;
}

void Connection::read_peer() {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get1_peer_certificate(stream_.native_handle()), X509_free);
  if (!certificate) return;
  peer_.certificate = true;
  auto* subject = X509_get_subject_name(certificate.get());
  if (auto names = subject_parts(subject, NID_commonName); !names.empty()) peer_.common_name = names.front();
  peer_.organizations = subject_parts(subject, NID_organizationName);
}

Task<bool> Connection::read(Request& request) {
  beast::http::request_parser<beast::http::string_body> parser;
  parser.header_limit(limits_.header_bytes);
  parser.body_limit(limits_.body_bytes);
  give(limits_.idle);
  idle_ = buffer_.size() == 0;
  if (idle_) {  // waits for the first byte, and only then the request's own time begins
    if (stopping_) co_return false;
    const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(4096), kTuple);
    if (error) co_return false;
    buffer_.commit(size);
    idle_ = false;
  }
  give(limits_.request);
  auto [error, size] = co_await beast::http::async_read_header(stream_, buffer_, parser, kTuple);
  answered_ = streaming_ = false;
  if (!error && same_name(std::string_view(parser.get()[beast::http::field::expect]), "100-continue"))
    co_await put("HTTP/1.1 100 Continue\r\n\r\n");
  if (!error) {
    auto [body_error, body_size] = co_await beast::http::async_read(stream_, buffer_, parser, kTuple);
    error = body_error;
  }
  if (error) {
    if (error == beast::http::error::header_limit)
      co_await refuse(431, "the request's header is too large");
    else if (error == beast::http::error::body_limit)
      co_await refuse(413, fmt::format("the request's body is larger than {} bytes", limits_.body_bytes));
    else if (error.category() == beast::http::make_error_code(beast::http::error::bad_method).category() &&
             error != beast::http::error::end_of_stream && error != beast::http::error::partial_message)
      co_await refuse(400, fmt::format("the request is no HTTP/1.1: {}", error.message()));
    co_return false;
  }
  auto message = parser.release();
  keep_alive_ = message.keep_alive() && !stopping_;
  head_ = message.method() == beast::http::verb::head;
  request.method = std::string(message.method_string());
  const auto target = message.target();
  auto parsed = parse_target(std::string_view(target.data(), target.size()));
  if (!parsed) {
    co_await refuse(400, parsed.error().message());
    co_return false;
  }
  request.target = std::move(*parsed);
  for (const auto& field : message)
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(message.body());
  request.peer = peer_;
  co_return true;
}

Task<void> Connection::handle(const Request& request) {
  deadline_ = Clock::time_point::max();
  if (too_many_) {
    co_await refuse(503, "the server has too many connections");
    co_return;
  }
  std::string bug;
  try {
    co_await handler_(request, *this);
  } catch (const std::exception& e) {
    bug = e.what();
  }
  if (!answered_)
    co_await refuse(500, bug.empty() ? "the request was not answered" : bug);
  else if (streaming_ || !bug.empty())
    keep_alive_ = false;  // the client must not take what is there for all of it
}

Task<void> Connection::refuse(int status, std::string_view sentence) {
  keep_alive_ = false;
  Headers headers{{"Content-Type", "application/json"}};
  if (status == 503) headers.emplace_back("Retry-After", "1");
  auto body = complain_(status, sentence);
  co_await send(status, std::move(headers), std::move(body));
}

Task<bool> Connection::put(std::string bytes) {
  if (gone_) co_return false;
  give(limits_.write);
  const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), kTuple);
  deadline_ = Clock::time_point::max();
  if (error) gone_ = true;
  co_return !error;
}

Task<bool> Connection::send(int status, Headers headers, std::string body) {
  answered_ = true;
  headers.emplace_back("Content-Length", std::to_string(body.size()));
  if (!keep_alive_) headers.emplace_back("Connection", "close");
  auto bytes = status_line(status, headers) + "\r\n";
  if (!head_) bytes += body;
  const bool sent = co_await put(std::move(bytes));
  co_return sent;
}

Task<bool> Connection::begin(int status, Headers headers) {
  answered_ = streaming_ = true;
  headers.emplace_back("Transfer-Encoding", "chunked");
  headers.emplace_back("Connection", "close");  // see end()
  if (!listening_) {
    listening_ = true;
    asio::co_spawn(stream_.get_executor(), listen_for_end(), asio::detached);
  }
  auto bytes = status_line(status, headers) + "\r\n";
  const bool sent = co_await put(std::move(bytes));
  co_return sent;
}

Task<bool> Connection::write(std::string piece) {
  if (piece.empty()) co_return !gone_;  // an empty chunk would be the end
  auto bytes = fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
  const bool sent = co_await put(std::move(bytes));
  co_return sent;
}

Task<bool> Connection::end() {
  // The reader of listen_for_end() has the stream: the connection ends with the answer.
  keep_alive_ = false;
  streaming_ = false;
  const bool sent = co_await put("0\r\n\r\n");
  co_return sent;
}

/// While an answer streams, nothing is expected from the client but its end.
Task<void> Connection::listen_for_end() {
  const auto self = shared_from_this();
  std::array<char, 512> nothing{};
  while (!gone_) {
    const auto [error, size] = co_await stream_.async_read_some(asio::buffer(nothing), kTuple);
    if (error) gone_ = true;
  }
  wake();
}

Task<void> Connection::wait(std::chrono::milliseconds at_most) {
  if (!gone()) co_await signal_.wait(after(at_most));
}

void Connection::stop() {
  stopping_ = true;
  wake();
  if (idle_) close();
}

void Connection::check(Clock::time_point now) {
  if (now < deadline_) return;
  gone_ = true;
  close();
}

void Connection::close() {
  gone_ = true;
  boost::system::error_code ignored;
  stream_.next_layer().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.next_layer().close(ignored);
  wake();
}

}  // namespace podwire::http
