#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace podwire::kube {

/// How a protobuf field is written.
enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// One field of a protobuf message as it stands in the bytes.
struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t value = 0;  ///< of a varint or a fixed number
  std::string_view bytes;   ///< of WireType::bytes; borrowed from the message
};

/// Reads a message field by field. Borrows the bytes, copies nothing.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  /// nullopt: what follows is no protobuf field (cut off, a group, a number out of range).
  std::optional<WireField> next();
  /// One bare varint, as packed lists have them.
  std::optional<std::uint64_t> varint();
  std::optional<std::uint64_t> fixed(std::size_t width);

 private:
  std::string_view rest_;
};

/// Writes a message field by field.
class WireWriter {
 public:
  void varint(std::uint32_t number, std::uint64_t value);
  void fixed64(std::uint32_t number, std::uint64_t value);
  void bytes(std::uint32_t number, std::string_view content);

  [[nodiscard]] const std::string& out() const { return out_; }
  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  void tag(std::uint32_t number, WireType type) {
    put(std::uint64_t{number} << 3 | static_cast<std::uint8_t>(type));
  }
  void put(std::uint64_t value);
  std::string out_;
};

}  // namespace podwire::kube
