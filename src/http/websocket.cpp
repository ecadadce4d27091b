#include "http/websocket.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "base/ascii.h"

namespace podwire::http {
namespace {

constexpr std::size_t kPiece = 32 << 10;

/// The words of a header that is a list: "keep-alive, Upgrade".
std::vector<std::string_view> words_of(std::string_view header) {
  std::vector<std::string_view> out;
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    auto word = header.substr(0, end);
    while (word.starts_with(' ') || word.starts_with('\t')) word.remove_prefix(1);
    while (word.ends_with(' ') || word.ends_with('\t')) word.remove_suffix(1);
    if (!word.empty()) out.push_back(word);
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return out;
}

bool has_word(std::string_view header, std::string_view wanted) {
  return std::ranges::any_of(words_of(header),
                             [&](std::string_view word) { return same_ignoring_case(word, wanted); });
}

}  // namespace

bool asks_for_websocket(const Request& request) {
  return request.method == "GET" && has_word(request.header("Connection"), "upgrade") &&
         has_word(request.header("Upgrade"), "websocket");
}

std::string_view common_protocol(const Request& request, std::span<const std::string_view> known) {
  const auto offered = words_of(request.header("Sec-WebSocket-Protocol"));
  for (const auto protocol : known)
    if (std::ranges::find(offered, protocol) != offered.end()) return protocol;
  return {};
}

Task<Result<std::unique_ptr<WebSocket>>> WebSocket::accept(const Request& request, Responder& out,
                                                           std::string_view protocol) {
  const auto key = request.header("Sec-WebSocket-Key");
  if (!asks_for_websocket(request) || key.empty() || request.header("Sec-WebSocket-Version") != "13")
    co_return fail("accept", "WebSocket", 0, "the request asks for none of version 13");
  Headers headers{
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept_key(key)}};
  if (!protocol.empty()) headers.emplace_back("Sec-WebSocket-Protocol", protocol);
  auto stream = co_await out.upgrade(std::move(headers));
  if (!stream) co_return std::unexpected(stream.error());
  const auto executor = co_await boost::asio::this_coro::executor;
  co_return std::make_unique<WebSocket>(std::move(*stream), executor);
}

Task<std::optional<std::string>> WebSocket::read() {
  for (;;) {
    auto message = reader_.next();
    if (!message) {
      co_await close(message.error());
      co_return std::nullopt;
    }
    if (!*message) {
      const auto piece = co_await stream_->read_some(kPiece);
      if (!piece || piece->empty()) co_return std::nullopt;
      reader_.push(*piece);
      continue;
    }
    auto& [opcode, payload] = **message;
    if (opcode == Opcode::text || opcode == Opcode::binary) co_return std::move(payload);
    if (opcode == Opcode::ping) co_await put(Opcode::pong, payload);
    if (opcode == Opcode::close) {
      co_await close(CloseCode::normal);
      co_return std::nullopt;
    }
  }
}

Task<bool> WebSocket::write(std::string_view payload) {
  const bool sent = co_await put(Opcode::binary, payload);
  co_return sent;
}

Task<void> WebSocket::close(CloseCode code) {
  if (closed_) co_return;
  co_await put(Opcode::close, close_payload(code));
  closed_ = true;
}

Task<bool> WebSocket::put(Opcode opcode, std::string_view payload) {
  auto bytes = encode_message(opcode, payload);
  const auto turn = co_await writing_.hold();
  if (closed_) co_return false;
  const auto written = co_await stream_->write_all(std::move(bytes));
  co_return written.has_value();
}

}  // namespace podwire::http
