#pragma once
#include <linux/netlink.h>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace podwire::kernel::netlink {

/// Builds netlink messages, one after the other, in one buffer:
///
///     Writer w;
///     w.message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
///     w.put_string(IFLA_IFNAME, "br0");
///     { auto info = w.nest(IFLA_LINKINFO); w.put_string(IFLA_INFO_KIND, "bridge"); }
///
/// Lengths are kept right after every call, so bytes() is always a valid batch. An attribute or nest that
/// outgrows netlink's 65,535 bytes makes fits() false for good, and Socket refuses to send it.
class Writer {
 public:
  Writer() { bytes_.reserve(512); }

  /// Starts a message. NLM_F_REQUEST is always added. Socket numbers single messages itself; in a batch each
  /// message takes a number of Socket::next_sequence().
  void message(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence = 0);
  /// Starts a message that has a fixed struct (ifinfomsg, nfgenmsg...) before its attributes.
  template <class Fixed>
    requires std::is_trivially_copyable_v<Fixed>
  void message(std::uint16_t type, std::uint16_t flags, const Fixed& fixed, std::uint32_t sequence = 0)
    requires(!std::integral<Fixed>)
  {
    message(type, flags, sequence);
    append(fixed);
  }

  /// A fixed struct where an attribute's payload starts with one (VETH_INFO_PEER).
  template <class Fixed>
    requires std::is_trivially_copyable_v<Fixed>
  void append(const Fixed& fixed) {
    append_padded(std::as_bytes(std::span(&fixed, 1)));
  }

  void put_bytes(std::uint16_t type, std::span<const std::byte> payload);
  /// An integer in host order, or a struct as it is.
  template <class T>
    requires(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>)
  void put(std::uint16_t type, const T& value) {
    put_bytes(type, std::as_bytes(std::span(&value, 1)));
  }
  /// An integer in network order.
  template <std::integral T>
  void put_be(std::uint16_t type, T value) {
    if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
    put(type, value);
  }
  /// NUL-terminated, as the kernel's NLA_NUL_STRING wants it.
  void put_string(std::uint16_t type, std::string_view text);
  void put_flag(std::uint16_t type) { put_bytes(type, {}); }

  /// An attribute made of attributes; ends when the returned object dies.
  class [[nodiscard]] Nest {
   public:
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;
    ~Nest() { writer_.close(start_); }
    /// Bytes so far, header included: at most 65,535 will fit.
    [[nodiscard]] std::size_t size() const { return writer_.bytes_.size() - start_; }

   private:
    friend class Writer;
    Nest(Writer& writer, std::size_t start) : writer_(writer), start_(start) {}
    Writer& writer_;
    std::size_t start_;
  };
  Nest nest(std::uint16_t type);

  /// Adds flags to the header of the last message.
  void add_flags(std::uint16_t flags);
  /// Numbers the last message.
  void set_sequence(std::uint32_t sequence);

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] bool fits() const { return fits_; }
  /// Forgets all messages and keeps the memory.
  void clear();

 private:
  void append_padded(std::span<const std::byte> payload);
  void close(std::size_t nest_start);
  void update_length();

  std::vector<std::byte> bytes_;
  std::size_t message_start_ = 0;
  bool fits_ = true;
};

}  // namespace podwire::kernel::netlink
