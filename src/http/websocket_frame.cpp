#include "http/websocket_frame.h"

#include <openssl/evp.h>

#include <array>
#include <utility>

#include "base/base64.h"

namespace podwire::http {
namespace {

constexpr std::uint8_t kFinal = 0x80, kReserved = 0x70, kOpcode = 0x0f;
constexpr std::uint8_t kMasked = 0x80, kLength = 0x7f;
constexpr std::size_t kMaskBytes = 4;
constexpr std::size_t kLongestControl = 125;

constexpr bool is_control(std::uint8_t opcode) { return opcode >= 8; }
constexpr bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

std::uint64_t number(std::string_view bytes) {
  std::uint64_t out = 0;
  for (const char c : bytes) out = out << 8U | static_cast<std::uint8_t>(c);
  return out;
}

std::string big_endian(std::uint64_t value, std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = size; i-- > 0; value >>= 8U) out[i] = static_cast<char>(value & 0xffU);
  return out;
}

}  // namespace

std::expected<std::optional<Message>, CloseCode> MessageReader::next() {
  for (;;) {
    if (bytes_.size() < 2) return std::nullopt;
    const auto first = static_cast<std::uint8_t>(bytes_[0]), second = static_cast<std::uint8_t>(bytes_[1]);
    const std::uint8_t opcode = first & kOpcode;
    const bool final = (first & kFinal) != 0;
    if ((first & kReserved) != 0 || (second & kMasked) == 0 || !is_known(opcode))
      return std::unexpected(CloseCode::protocol_error);
    std::uint64_t length = second & kLength;
    const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (is_control(opcode) && (!final || length > kLongestControl))
      return std::unexpected(CloseCode::protocol_error);
    if (bytes_.size() < 2 + more) return std::nullopt;
    if (more > 0) length = number(std::string_view(bytes_).substr(2, more));
    const std::size_t before = begun_ && !is_control(opcode) ? begun_->payload.size() : 0;
    if (length > longest_ || length + before > longest_) return std::unexpected(CloseCode::too_big);
    const std::size_t header = 2 + more + kMaskBytes;
    if (bytes_.size() < header + length) return std::nullopt;

    std::string payload = bytes_.substr(header, length);
    for (std::size_t i = 0; i < payload.size(); ++i)
      payload[i] = static_cast<char>(payload[i] ^ bytes_[2 + more + i % kMaskBytes]);
    bytes_.erase(0, header + length);

    if (is_control(opcode)) return Message{static_cast<Opcode>(opcode), std::move(payload)};
    // A piece continues what has begun, and nothing else may begin in between.
    if ((opcode == 0) != begun_.has_value()) return std::unexpected(CloseCode::protocol_error);
    if (begun_)
      begun_->payload += payload;
    else
      begun_ = Message{static_cast<Opcode>(opcode), std::move(payload)};
    if (final) return std::exchange(begun_, std::nullopt);
  }
}

std::string encode_message(Opcode opcode, std::string_view payload) {
  std::string out(1, static_cast<char>(kFinal | static_cast<std::uint8_t>(opcode)));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(126);
    out += big_endian(payload.size(), 2);
  } else {
    out += static_cast<char>(127);
    out += big_endian(payload.size(), 8);
  }
  out += payload;
  return out;
}

std::string close_payload(CloseCode code) { return big_endian(static_cast<std::uint16_t>(code), 2); }

std::string accept_key(std::string_view key) {
  // RFC 6455, 1.3. SHA-1 proves nothing here: it only shows that the server knows the protocol.
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base64_encode({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace podwire::http
