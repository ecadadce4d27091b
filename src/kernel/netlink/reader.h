#pragma once
#include <linux/netlink.h>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace podwire::kernel::netlink {

/// Reading never goes out of bounds and trusts no length: each iteration ends at the first message or
/// attribute that does not fit into what is there; what came before it is valid. Everything is a view of the
/// caller's bytes.

class Attributes;

/// One attribute: a type and its payload.
class Attribute {
 public:
  Attribute() = default;
  Attribute(std::uint16_t raw_type, std::span<const std::byte> payload)
      : type_(raw_type), payload_(payload) {}

  /// Without the NLA_F_NESTED and NLA_F_NET_BYTEORDER bits.
  [[nodiscard]] std::uint16_t type() const { return type_ & NLA_TYPE_MASK; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return payload_; }
  /// The payload as a T in host order: an integer, or a struct whose later fields may be missing in ours.
  /// nullopt when the payload is shorter than a T.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  [[nodiscard]] std::optional<T> as() const {
    if (payload_.size() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, payload_.data(), sizeof value);
    return value;
  }
  /// As `as`, with a default for a payload that is too short.
  template <class T>
  [[nodiscard]] T value(T fallback = {}) const {
    return as<T>().value_or(fallback);
  }
  /// An integer in network order.
  template <std::integral T>
  [[nodiscard]] T value_be(T fallback = {}) const {
    const auto raw = as<T>();
    if (!raw) return fallback;
    return std::endian::native == std::endian::little ? std::byteswap(*raw) : *raw;
  }
  /// Up to the first NUL or the end.
  [[nodiscard]] std::string_view string() const;
  [[nodiscard]] Attributes nested() const;

 private:
  std::uint16_t type_ = 0;
  std::span<const std::byte> payload_;
};

/// The attributes in a run of bytes: `for (const Attribute& a : Attributes(bytes))`.
class Attributes {
 public:
  Attributes() = default;
  explicit Attributes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  class Iterator {
   public:
    using value_type = Attribute;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(std::span<const std::byte> rest) : rest_(rest) { load(); }
    const Attribute& operator*() const { return current_; }
    const Attribute* operator->() const { return &current_; }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return taken_ == 0; }

   private:
    void load();
    std::span<const std::byte> rest_;
    Attribute current_;
    std::size_t taken_ = 0;  // bytes of rest_ that current_ occupies; 0 at the end
  };
  [[nodiscard]] Iterator begin() const { return Iterator(bytes_); }
  [[nodiscard]] std::default_sentinel_t end() const { return {}; }
  /// The first of a type.
  [[nodiscard]] std::optional<Attribute> find(std::uint16_t type) const;

 private:
  std::span<const std::byte> bytes_;
};

/// One message: its header and what follows it.
class Message {
 public:
  Message() = default;
  Message(const nlmsghdr& header, std::span<const std::byte> payload) : header_(header), payload_(payload) {}

  [[nodiscard]] std::uint16_t type() const { return header_.nlmsg_type; }
  [[nodiscard]] std::uint16_t flags() const { return header_.nlmsg_flags; }
  [[nodiscard]] std::uint32_t sequence() const { return header_.nlmsg_seq; }
  [[nodiscard]] const nlmsghdr& header() const { return header_; }
  [[nodiscard]] std::span<const std::byte> payload() const { return payload_; }
  /// The fixed struct at the payload's start; nullopt when the message is too short for it.
  template <class Fixed>
  [[nodiscard]] std::optional<Fixed> fixed() const {
    return Attribute(0, payload_).as<Fixed>();
  }
  /// The attributes behind a fixed struct of that type.
  template <class Fixed>
  [[nodiscard]] Attributes attributes() const {
    constexpr std::size_t skip = NLMSG_ALIGN(sizeof(Fixed));
    return payload_.size() < skip ? Attributes() : Attributes(payload_.subspan(skip));
  }

 private:
  nlmsghdr header_{};
  std::span<const std::byte> payload_;
};

/// The messages in what one recv gave: `for (const Message& m : Messages(bytes))`.
class Messages {
 public:
  explicit Messages(std::span<const std::byte> bytes) : bytes_(bytes) {}

  class Iterator {
   public:
    using value_type = Message;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(std::span<const std::byte> rest) : rest_(rest) { load(); }
    const Message& operator*() const { return current_; }
    const Message* operator->() const { return &current_; }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return taken_ == 0; }

   private:
    void load();
    std::span<const std::byte> rest_;
    Message current_;
    std::size_t taken_ = 0;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(bytes_); }
  [[nodiscard]] std::default_sentinel_t end() const { return {}; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace podwire::kernel::netlink
