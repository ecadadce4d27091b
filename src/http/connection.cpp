#include "http/connection.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "http/upgraded_stream.h"

namespace podwire::http {
namespace {

namespace asio = boost::asio;

// A client that is refused while it still sends would lose the answer when the connection is closed over what
// it sent: so that much is read for so long, and thrown away.
constexpr std::size_t kLingerBytes = 1 << 20;
constexpr std::chrono::seconds kLinger{2};

// A longer body is sent by itself instead of being copied behind its header: lists are megabytes.
constexpr std::size_t kTogether = 16 << 10;

std::string status_line(int status, const Headers& headers) {
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
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

Connection::Connection(const asio::any_io_executor& executor, std::unique_ptr<Transport> stream,
                       const Limits& limits, const Handler& handler, const Complain& complain)
    : executor_(executor),
      stream_(std::move(stream)),
      limits_(limits),
      handler_(handler),
      complain_(complain),
      reader_(*stream_, limits),
      signal_(executor) {
  enter(Phase::opening, limits_.handshake);
}

void Connection::enter(Phase phase, std::chrono::seconds time) {
  phase_ = phase;
  deadline_ = after(time);
}

Task<void> Connection::serve() {
  const auto self = shared_from_this();
  auto peer = co_await stream_->open();
  if (peer) peer_ = std::move(*peer);
  while (peer && !gone_ && keep_alive_) {
    const auto request = co_await read();
    if (!request && request.error().status != 0) {
      co_await refuse(request.error().status, request.error().sentence);
      co_await linger();
    }
    if (!request) break;
    co_await handle(*request);
    while (upgraded_ && !gone_) co_await signal_.wait();
  }
  close();
}

Task<std::expected<Request, Refusal>> Connection::read() {
  enter(Phase::idle, limits_.idle);
  if (stopping_ && !reader_.begun()) co_return std::unexpected(Refusal());
  const bool begun = co_await reader_.begin();
  if (!begun) co_return std::unexpected(Refusal());
  answered_ = streaming_ = late_ = patient_ = false;
  enter(Phase::header, limits_.header);
  const auto header = co_await reader_.header();
  if (late_)
    co_return std::unexpected(
        Refusal{408, fmt::format("the request's header was not whole after {} s", limits_.header.count())});
  if (!header) co_return std::unexpected(header.error());
  if (too_many_) co_return std::unexpected(Refusal{503, "the server has too many connections"});
  if (reader_.expects_continue()) co_await put("HTTP/1.1 100 Continue\r\n\r\n");
  enter(Phase::body, limits_.body);
  auto request = co_await reader_.body();
  if (late_)
    co_return std::unexpected(
        Refusal{408, fmt::format("the request's body was not whole after {} s", limits_.body.count())});
  if (!request) co_return std::unexpected(request.error());
  keep_alive_ = reader_.keep_alive() && !stopping_;
  head_ = request->method == "HEAD";
  request->peer = peer_;
  co_return request;
}

Task<void> Connection::handle(const Request& request) {
  phase_ = Phase::handling;
  deadline_ = Clock::time_point::max();
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
  phase_ = Phase::handling;
  keep_alive_ = false;
  Headers headers{{"Content-Type", "application/json"}};
  if (status == 503) headers.emplace_back("Retry-After", "1");
  auto body = complain_(status, sentence);
  co_await send(status, std::move(headers), std::move(body));
}

Task<void> Connection::linger() {
  if (gone_) co_return;
  stream_->finish();
  enter(Phase::lingering, kLinger);
  for (std::size_t size = 0; size < kLingerBytes && !gone_;) {
    const auto piece = co_await stream_->read_some(4096);
    if (!piece || piece->empty()) break;
    size += piece->size();
  }
}

Task<bool> Connection::put(std::string bytes) {
  if (gone_) co_return false;
  if (!patient_) deadline_ = after(limits_.write);
  const auto done = co_await stream_->write_all(std::move(bytes));
  deadline_ = Clock::time_point::max();
  if (!done) gone_ = true;
  co_return done.has_value();
}

Task<bool> Connection::send(int status, Headers headers, std::string body) {
  answered_ = true;
  headers.emplace_back("Content-Length", std::to_string(body.size()));
  if (!keep_alive_) headers.emplace_back("Connection", "close");
  auto bytes = status_line(status, headers) + "\r\n";
  if (head_) body.clear();
  if (body.size() <= kTogether) bytes += std::exchange(body, {});
  bool sent = co_await put(std::move(bytes));
  if (sent && !body.empty()) sent = co_await put(std::move(body));
  co_return sent;
}

Task<bool> Connection::begin(int status, Headers headers) {
  answered_ = streaming_ = true;
  headers.emplace_back("Transfer-Encoding", "chunked");
  headers.emplace_back("Connection", "close");  // see end()
  if (!listening_) {
    listening_ = true;
    asio::co_spawn(executor_, listen_for_end(), asio::detached);
  }
  auto bytes = status_line(status, headers) + "\r\n";
  const bool sent = co_await put(std::move(bytes));
  co_return sent;
}

Task<bool> Connection::write(std::string piece) {
  if (piece.empty() || head_) co_return !gone_;  // an empty chunk would be the end
  auto bytes = fmt::format("{:x}\r\n", piece.size());
  bytes.reserve(bytes.size() + piece.size() + 2);  // appended, not formatted: every watcher's every event
  bytes += piece;
  bytes += "\r\n";
  const bool sent = co_await put(std::move(bytes));
  co_return sent;
}

Task<bool> Connection::end() {
  // The reader of listen_for_end() has the stream: the connection ends with the answer.
  keep_alive_ = false;
  streaming_ = false;
  if (head_) co_return !gone_;
  const bool sent = co_await put("0\r\n\r\n");
  co_return sent;
}

/// While an answer streams, nothing is expected from the client but its end.
Task<void> Connection::listen_for_end() {
  const auto self = shared_from_this();
  while (!gone_) {
    const auto piece = co_await stream_->read_some(512);
    if (!piece || piece->empty()) gone_ = true;
  }
  wake();
}

Task<void> Connection::wait(std::chrono::milliseconds at_most) {
  if (!gone()) co_await signal_.wait(after(at_most));
}

Task<Result<std::unique_ptr<Duplex>>> Connection::upgrade(Headers headers) {
  if (answered_ || gone()) co_return fail("upgrade", "connection", 0, "it is answered already, or gone");
  answered_ = true;
  keep_alive_ = false;
  upgraded_rest_ = reader_.take_rest();
  const bool sent = co_await put(status_line(101, headers) + "\r\n");
  if (!sent) co_return fail("upgrade", "connection", 0, "the client is gone");
  upgraded_ = patient_ = true;
  co_return std::make_unique<UpgradedStream<Connection>>(shared_from_this());
}

Task<Result<std::string>> Connection::read_upgraded(std::size_t at_most) {
  if (!upgraded_rest_.empty()) {
    auto out = upgraded_rest_.substr(0, at_most);
    upgraded_rest_.erase(0, at_most);
    co_return out;
  }
  auto out = co_await stream_->read_some(at_most);
  co_return out;
}

Task<Result<>> Connection::write_upgraded(std::string bytes) {
  const bool sent = co_await put(std::move(bytes));
  if (!sent) co_return fail("write", "", EPIPE);
  co_return Result<>();
}

void Connection::stop() {
  stopping_ = true;
  wake();
  if (phase_ == Phase::idle || phase_ == Phase::lingering || upgraded_) close();
}

void Connection::check(Clock::time_point now) {
  if (now < deadline_) return;
  if (phase_ == Phase::header || phase_ == Phase::body) {
    late_ = true;  // once more at the next check, should it not be waiting right now
    stream_->cancel();
  } else {
    close();
  }
}

void Connection::close() {
  gone_ = true;
  stream_->close();
  wake();
}

}  // namespace podwire::http
