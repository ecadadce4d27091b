#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace podwire::kernel::netlink {

using Bytes = std::span<const std::byte>;

/// Copies a T out of the front of `bytes`; nullopt when they are too short. No alignment is assumed.
template <class T>
  requires std::is_trivially_copyable_v<T>
[[nodiscard]] std::optional<T> read_as(Bytes bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T out;
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

/// One attribute: its type without the flag bits, and its payload.
struct Attr {
  std::uint16_t type = 0;
  Bytes payload;

  /// The payload as a number, host order; 0-length or short payloads give 0.
  template <class T>
  [[nodiscard]] T as() const {
    return read_as<T>(payload).value_or(T{});
  }
  [[nodiscard]] std::string text() const;  ///< up to the first NUL
};

/// Walks attributes without ever reading outside of `bytes`: a broken length ends the walk.
class AttrRange {
 public:
  explicit AttrRange(Bytes bytes) : bytes_(bytes) {}
  class Iterator {
   public:
    explicit Iterator(Bytes rest) : rest_(rest) { load(); }
    const Attr& operator*() const { return current_; }
    const Attr* operator->() const { return &current_; }
    Iterator& operator++();
    bool operator!=(std::nullptr_t) const { return valid_; }

   private:
    void load();
    Bytes rest_;
    Attr current_;
    bool valid_ = false;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(bytes_); }
  [[nodiscard]] std::nullptr_t end() const { return nullptr; }
  /// The first attribute of that type.
  [[nodiscard]] std::optional<Attr> find(std::uint16_t type) const;

 private:
  Bytes bytes_;
};

/// One netlink message.
struct Message {
  std::uint16_t type = 0, flags = 0;
  std::uint32_t sequence = 0, port = 0;
  Bytes payload;  ///< behind nlmsghdr

  /// The fixed struct at the front of the payload.
  template <class T>
  [[nodiscard]] std::optional<T> header() const {
    return read_as<T>(payload);
  }
  /// The attributes behind a fixed struct of type T.
  template <class T>
  [[nodiscard]] AttrRange attrs() const {
    constexpr std::size_t kSkip = (sizeof(T) + 3) & ~std::size_t{3};
    return AttrRange(payload.size() < kSkip ? Bytes{} : payload.subspan(kSkip));
  }
};

/// Splits a datagram into its messages; a broken length ends the list.
[[nodiscard]] std::vector<Message> split_messages(Bytes datagram);

/// What an NLMSG_ERROR message says.
struct Ack {
  int error = 0;             ///< positive errno; 0: success
  std::string text;          ///< NLMSGERR_ATTR_MSG
  std::uint32_t offset = 0;  ///< NLMSGERR_ATTR_OFFS: where in our request; 0: not said
};
[[nodiscard]] std::optional<Ack> read_ack(const Message& message);

}  // namespace podwire::kernel::netlink
