#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace podwire::kernel::netlink {

/// Builds netlink messages into one growing buffer; several messages make a batch.
/// Attribute payloads are in host order unless the attribute's own documentation says network order.
class Writer {
 public:
  /// Starts a message; finish it with end_message() before the next. Returns its offset. `sequence` 0: the
  /// socket sets it.
  std::size_t begin_message(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence = 0);
  void end_message();

  /// A fixed struct such as ifinfomsg, padded to 4 bytes.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void fixed(const T& value) {
    append(&value, sizeof value);
  }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void attr(std::uint16_t type, T value) {
    attr(type, std::as_bytes(std::span(&value, 1)));
  }
  void attr(std::uint16_t type, std::span<const std::byte> payload);
  void attr_string(std::uint16_t type, std::string_view text);  ///< NUL-terminated
  void attr_flag(std::uint16_t type) { attr(type, std::span<const std::byte>{}); }

  /// An attribute that holds attributes: ended by the returned object's death.
  class [[nodiscard]] Nested {
   public:
    Nested(Writer& writer, std::size_t at) : writer_(writer), at_(at) {}
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    ~Nested() { writer_.close_attr(at_); }

   private:
    Writer& writer_;
    std::size_t at_;
  };
  Nested nested(std::uint16_t type, bool flag_nested = true);

  [[nodiscard]] std::span<const std::byte> bytes() const { return buffer_; }
  [[nodiscard]] std::span<std::byte> bytes() { return buffer_; }
  [[nodiscard]] std::size_t message_size() const { return buffer_.size() - message_; }

 private:
  void append(const void* data, std::size_t size);
  void close_attr(std::size_t at);
  std::vector<std::byte> buffer_;
  std::size_t message_ = 0;
};

}  // namespace podwire::kernel::netlink
