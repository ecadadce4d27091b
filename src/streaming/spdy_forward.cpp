#include <fmt/format.h>

#include <charconv>
#include <deque>

#include "streaming/port_forward.h"

namespace podwire::streaming {
namespace {

using Kind = spdy::Frame::Kind;

constexpr std::size_t kPiece = 16 << 10;
constexpr std::size_t kHeld = 1 << 20;         // of what one pod is slow to take
constexpr std::size_t kMostConnections = 256;  // of one client

std::string_view field(const spdy::Frame& frame, std::string_view name) {
  for (const auto& [key, value] : frame.fields)
    if (key == name) return value;
  return {};
}

}  // namespace

struct SpdyForward::Connection {
  explicit Connection(const boost::asio::any_io_executor& executor) : news(executor), room(executor) {}
  std::uint16_t port = 0;
  std::uint32_t error_stream = 0, data_stream = 0;
  std::deque<std::string> inbox;  ///< for the pod
  std::size_t inbox_bytes = 0;
  bool finished = false;  ///< the client sends no more
  bool dropped = false;
  std::shared_ptr<FdStream> socket;
  http::Signal news;  ///< for to_pod()
  http::Signal room;  ///< for who fills the inbox
};

std::string forward_failure(std::uint16_t port, const ContainerRef& pod, std::string_view why) {
  return fmt::format("error forwarding port {} to pod {}, uid {}: {}", port, pod.pod, pod.uid, why);
}

Task<void> SpdyForward::run() {
  for (;;) {
    auto message = co_await socket_.read();
    if (!message) break;
    reader_.push(*message);
    bool broken = false;
    for (;;) {
      auto frame = reader_.next();
      broken = !frame;
      if (broken || !*frame) break;
      co_await take(std::move(**frame));
    }
    if (!broken) continue;
    co_await socket_.close(http::CloseCode::protocol_error);
    break;
  }
  for (const auto& [stream, connection] : by_stream_) drop(*connection);
  co_await crew_.join();
}

/// All header blocks are written from here, one after the other: their compression needs that order.
Task<void> SpdyForward::take(spdy::Frame frame) {
  if (frame.kind == Kind::ping) co_await put({.kind = Kind::ping, .stream = frame.stream});
  if (frame.kind == Kind::syn_stream) co_await open(frame);
  const auto found = by_stream_.find(frame.stream);
  if (found == by_stream_.end()) co_return;
  const auto connection = found->second;
  if (frame.kind == Kind::rst_stream) drop(*connection);
  if (frame.kind != Kind::data || connection->dropped) co_return;
  if (!frame.data.empty()) {
    connection->inbox_bytes += frame.data.size();
    connection->inbox.push_back(std::move(frame.data));
  }
  connection->finished = connection->finished || frame.fin;
  connection->news.wake();
  while (connection->inbox_bytes > kHeld && !connection->dropped) co_await connection->room.wait();
}

Task<void> SpdyForward::open(const spdy::Frame& frame) {
  const auto type = field(frame, "streamtype"), number = field(frame, "port");
  std::uint16_t port = 0;
  std::from_chars(number.data(), number.data() + number.size(), port);
  if ((type != "error" && type != "data") || port == 0 ||
      by_request_.size() + by_stream_.size() >= kMostConnections) {
    co_await put({.kind = Kind::rst_stream, .stream = frame.stream});
    co_return;
  }
  auto& held = by_request_[std::string(field(frame, "requestid"))];
  if (!held) held = std::make_shared<Connection>(executor_);
  const auto connection = held;
  (type == "error" ? connection->error_stream : connection->data_stream) = frame.stream;
  connection->port = port;
  const bool whole = connection->error_stream != 0 && connection->data_stream != 0;
  if (whole) {
    by_request_.erase(std::string(field(frame, "requestid")));
    by_stream_.emplace(connection->data_stream, connection);
  }
  co_await put({.kind = Kind::syn_reply, .stream = frame.stream});
  if (whole) crew_.start(forward(connection));
}

Task<void> SpdyForward::forward(Held connection) {
  auto socket = co_await runtime_.connect(pod_, connection->port);
  const auto data = connection->data_stream, error = connection->error_stream;
  if (socket && !connection->dropped) {
    connection->socket = std::make_shared<FdStream>(executor_, std::move(*socket));
    http::Crew other(executor_);
    other.start(to_pod(connection));
    co_await from_pod(connection);
    drop(*connection);
    co_await other.join();
  } else if (!socket) {
    co_await put({.kind = Kind::data,
                  .stream = error,
                  .data = forward_failure(connection->port, pod_, socket.error().message)});
    drop(*connection);
  }
  co_await put({.kind = Kind::data, .stream = data, .fin = true});
  co_await put({.kind = Kind::data, .stream = error, .fin = true});
  by_stream_.erase(data);
}

Task<void> SpdyForward::from_pod(Held connection) {
  for (;;) {
    auto piece = co_await connection->socket->read_some(kPiece);
    if (!piece || piece->empty()) co_return;
    const bool sent =
        co_await put({.kind = Kind::data, .stream = connection->data_stream, .data = std::move(*piece)});
    if (!sent) co_return;
  }
}

Task<void> SpdyForward::to_pod(Held connection) {
  while (!connection->dropped) {
    if (connection->inbox.empty()) {
      if (connection->finished) break;
      co_await connection->news.wait();
      continue;
    }
    auto piece = std::move(connection->inbox.front());
    connection->inbox.pop_front();
    connection->inbox_bytes -= piece.size();
    connection->room.wake();
    const auto written = co_await connection->socket->write_all(std::move(piece));
    if (!written) {
      drop(*connection);
      co_return;
    }
  }
  if (!connection->dropped) connection->socket->finish();
}

Task<bool> SpdyForward::put(spdy::Frame frame) {
  const auto bytes = writer_.encode(frame);
  const bool sent = co_await socket_.write(bytes);
  co_return sent;
}

void SpdyForward::drop(Connection& connection) {
  connection.dropped = true;
  if (connection.socket) connection.socket->close();
  connection.news.wake();
  connection.room.wake();
}

}  // namespace podwire::streaming
