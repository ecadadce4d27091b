#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace podwire {

/// Values are Linux's AF_INET and AF_INET6, so that they can go into kernel headers as they are.
enum class Family : std::uint8_t { v4 = 2, v6 = 10 };

using u128 = unsigned __int128;

[[nodiscard]] constexpr unsigned address_bits(Family f) { return f == Family::v4 ? 32 : 128; }
[[nodiscard]] constexpr std::string_view name_of(Family f) { return f == Family::v4 ? "IPv4" : "IPv6"; }

/// One IP address of either family: one type, so that no code has an IPv4 and an IPv6 twin.
/// Value type of 17 bytes, ordered (IPv4 before IPv6, then by number). Default: 0.0.0.0.
class IpAddr {
 public:
  IpAddr() = default;
  /// "10.0.0.1" or "2001:db8::1"; no prefix length, no zone, no leading zeros (inet_pton's rules).
  static Result<IpAddr> parse(std::string_view text);
  /// From 4 or 16 bytes in network order; nullopt for any other length.
  static std::optional<IpAddr> from_bytes(std::span<const std::byte> network_order);
  /// From its number, as `value()` gives it. Bits beyond the family's width are cut.
  static IpAddr from_value(Family family, u128 value);
  static IpAddr any(Family family) { return from_value(family, 0); }

  [[nodiscard]] Family family() const { return family_; }
  [[nodiscard]] bool is_v4() const { return family_ == Family::v4; }
  [[nodiscard]] bool is_v6() const { return family_ == Family::v6; }
  [[nodiscard]] bool is_any() const { return value() == 0; }
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool is_link_local() const;
  /// 4 or 16 bytes, network order. Valid while this object lives.
  [[nodiscard]] std::span<const std::byte> bytes() const;
  /// The address as a number (host order), for ranges and arithmetic.
  [[nodiscard]] u128 value() const;
  [[nodiscard]] std::string str() const;

  friend bool operator==(const IpAddr&, const IpAddr&) = default;
  friend std::strong_ordering operator<=>(const IpAddr& a, const IpAddr& b);

 private:
  Family family_ = Family::v4;
  std::array<std::uint8_t, 16> bytes_{};  // the first 4 for IPv4, the rest zero
};

/// An address with a prefix length: a network when the host bits are zero, else an interface address.
class Cidr {
 public:
  Cidr() = default;
  /// Precondition: length <= address_bits(addr.family()); longer is cut to it.
  Cidr(IpAddr addr, unsigned length);
  /// "10.244.1.0/24"; host bits are kept (see is_network).
  static Result<Cidr> parse(std::string_view text);
  /// The address alone: /32 or /128.
  static Cidr host(IpAddr addr) { return {addr, address_bits(addr.family())}; }
  /// 0.0.0.0/0 or ::/0.
  static Cidr everything(Family f) { return {IpAddr::any(f), 0}; }

  [[nodiscard]] IpAddr addr() const { return addr_; }
  [[nodiscard]] unsigned length() const { return length_; }
  [[nodiscard]] Family family() const { return addr_.family(); }
  [[nodiscard]] IpAddr first() const;  ///< all host bits 0: the network address
  [[nodiscard]] IpAddr last() const;   ///< all host bits 1: IPv4's broadcast address
  [[nodiscard]] Cidr network() const { return {first(), length_}; }
  [[nodiscard]] IpAddr netmask() const;
  [[nodiscard]] bool is_network() const { return addr_ == first(); }
  [[nodiscard]] bool is_host() const { return length_ == address_bits(family()); }
  [[nodiscard]] bool contains(const IpAddr& a) const;
  [[nodiscard]] bool overlaps(const Cidr& other) const;
  [[nodiscard]] std::string str() const;

  friend bool operator==(const Cidr&, const Cidr&) = default;
  friend auto operator<=>(const Cidr&, const Cidr&) = default;

 private:
  IpAddr addr_;
  std::uint8_t length_ = 0;
};

/// A 48-bit Ethernet address. Value type.
class Mac {
 public:
  Mac() = default;
  explicit Mac(std::array<std::uint8_t, 6> bytes) : bytes_(bytes) {}
  /// "0a:58:0a:f4:01:02", either case.
  static Result<Mac> parse(std::string_view text);
  static std::optional<Mac> from_bytes(std::span<const std::byte> six);
  /// A stable, locally administered unicast address made from a name, so that a link keeps its MAC across
  /// restarts.
  static Mac derived_from(std::string_view name);

  [[nodiscard]] std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }
  [[nodiscard]] bool is_multicast() const { return (bytes_[0] & 1) != 0; }
  [[nodiscard]] bool is_zero() const { return bytes_ == std::array<std::uint8_t, 6>{}; }
  [[nodiscard]] std::string str() const;

  friend bool operator==(const Mac&, const Mac&) = default;
  friend auto operator<=>(const Mac&, const Mac&) = default;

 private:
  std::array<std::uint8_t, 6> bytes_{};
};

}  // namespace podwire
