#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

/// The frames of RFC 6455, as a server reads and writes them. Pure.
namespace podwire::http {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Why a WebSocket is closed (RFC 6455, 7.4.1).
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  too_big = 1009
};

struct Message {
  Opcode opcode = Opcode::binary;  ///< never continuation: what came in pieces is put together
  std::string payload;             ///< unmasked
  friend bool operator==(const Message&, const Message&) = default;
};

/// Takes the bytes of a client as they come, cut anywhere, and gives its messages. Control messages may come
/// between the pieces of another one. Holds at most one message and what was pushed behind it.
class MessageReader {
 public:
  explicit MessageReader(std::size_t longest_message) : longest_(longest_message) {}

  void push(std::string_view bytes) { bytes_ += bytes; }
  /// nullopt: more bytes are needed. Error: the client does not keep to the protocol, and nothing more can be
  /// read.
  std::expected<std::optional<Message>, CloseCode> next();

 private:
  std::size_t longest_;
  std::string bytes_;
  std::optional<Message> begun_;  ///< its first pieces
};

/// A whole message in one frame, not masked: servers do not.
[[nodiscard]] std::string encode_message(Opcode opcode, std::string_view payload);
/// The payload of a close.
[[nodiscard]] std::string close_payload(CloseCode code);
/// What Sec-WebSocket-Accept answers to that Sec-WebSocket-Key.
[[nodiscard]] std::string accept_key(std::string_view key);

}  // namespace podwire::http
