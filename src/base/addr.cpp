#include "base/addr.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/hash.h"

namespace podwire {

Result<IpAddr> IpAddr::parse(std::string_view text) {
  IpAddr out;
  const std::string z(text);  // inet_pton needs a terminator; an embedded NUL must not cut the text
  if (z.find('\0') == std::string::npos) {
    if (inet_pton(AF_INET, z.c_str(), out.bytes_.data()) == 1) return out;
    out.family_ = Family::v6;
    if (inet_pton(AF_INET6, z.c_str(), out.bytes_.data()) == 1) return out;
  }
  return fail("parse IP address", fmt::format("\"{}\"", text));
}

std::optional<IpAddr> IpAddr::from_bytes(std::span<const std::byte> b) {
  if (b.size() != 4 && b.size() != 16) return std::nullopt;
  IpAddr out;
  out.family_ = b.size() == 4 ? Family::v4 : Family::v6;
  std::memcpy(out.bytes_.data(), b.data(), b.size());
  return out;
}

IpAddr IpAddr::from_value(Family family, u128 value) {
  IpAddr out;
  out.family_ = family;
  const unsigned n = address_bits(family) / 8;
  for (unsigned i = 0; i < n; ++i) out.bytes_[n - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  return out;
}

std::span<const std::byte> IpAddr::bytes() const {
  return std::as_bytes(std::span(bytes_)).first(address_bits(family_) / 8);
}

u128 IpAddr::value() const {
  u128 v = 0;
  for (const auto b : bytes()) v = v << 8 | static_cast<std::uint8_t>(b);
  return v;
}

bool IpAddr::is_loopback() const { return is_v4() ? bytes_[0] == 127 : value() == 1; }
bool IpAddr::is_multicast() const { return is_v4() ? bytes_[0] >> 4 == 14 : bytes_[0] == 0xff; }
bool IpAddr::is_link_local() const {
  return is_v4() ? bytes_[0] == 169 && bytes_[1] == 254 : bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

std::string IpAddr::str() const {
  char buf[INET6_ADDRSTRLEN];
  inet_ntop(static_cast<int>(family_), bytes_.data(), buf, sizeof buf);
  return buf;
}

std::strong_ordering operator<=>(const IpAddr& a, const IpAddr& b) {
  if (a.family_ != b.family_) return a.family_ <=> b.family_;
  const int c = std::memcmp(a.bytes_.data(), b.bytes_.data(), a.bytes_.size());
  return c <=> 0;
}

namespace {
u128 host_mask(Family f, unsigned length) {
  const unsigned host = address_bits(f) - length;
  if (host == 0) return 0;
  return host >= 128 ? ~u128{0} : (u128{1} << host) - 1;
}
}  // namespace

Cidr::Cidr(IpAddr addr, unsigned length)
    : addr_(addr), length_(static_cast<std::uint8_t>(std::min(length, address_bits(addr.family())))) {}

Result<Cidr> Cidr::parse(std::string_view text) {
  const auto bad = [&] { return fail("parse CIDR", fmt::format("\"{}\"", text)); };
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return bad();
  auto addr = IpAddr::parse(text.substr(0, slash));
  const auto digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const bool leading_zero = digits.size() > 1 && digits[0] == '0';
  if (!addr || ec != std::errc{} || end != digits.data() + digits.size() || leading_zero ||
      length > address_bits(addr->family()))
    return bad();
  return Cidr(*addr, length);
}

IpAddr Cidr::first() const {
  return IpAddr::from_value(family(), addr_.value() & ~host_mask(family(), length_));
}
IpAddr Cidr::last() const {
  return IpAddr::from_value(family(), addr_.value() | host_mask(family(), length_));
}
IpAddr Cidr::netmask() const { return IpAddr::from_value(family(), ~host_mask(family(), length_)); }

bool Cidr::contains(const IpAddr& a) const {
  return a.family() == family() && ((a.value() ^ addr_.value()) & ~host_mask(family(), length_)) == 0;
}

bool Cidr::overlaps(const Cidr& other) const {
  return length_ <= other.length_ ? contains(other.addr_) : other.contains(addr_);
}

std::string Cidr::str() const { return fmt::format("{}/{}", addr_.str(), length_); }

Result<Mac> Mac::parse(std::string_view text) {
  std::array<std::uint8_t, 6> out{};
  bool ok = text.size() == 17;
  for (std::size_t i = 0; ok && i < 6; ++i) {
    const char* at = text.data() + 3 * i;
    const auto [end, ec] = std::from_chars(at, at + 2, out[i], 16);
    ok = ec == std::errc{} && end == at + 2 && (i == 5 || at[2] == ':');
  }
  if (!ok) return fail("parse MAC address", fmt::format("\"{}\"", text));
  return Mac(out);
}

std::optional<Mac> Mac::from_bytes(std::span<const std::byte> six) {
  if (six.size() != 6) return std::nullopt;
  std::array<std::uint8_t, 6> out;
  std::memcpy(out.data(), six.data(), 6);
  return Mac(out);
}

Mac Mac::derived_from(std::string_view name) {
  const auto h = stable_hash(name);
  std::array<std::uint8_t, 6> out;
  for (unsigned i = 0; i < 6; ++i) out[i] = static_cast<std::uint8_t>(h >> (8 * i));
  out[0] = static_cast<std::uint8_t>((out[0] & 0xfc) | 0x02);  // IEEE 802: locally administered, unicast
  return Mac(out);
}

std::string Mac::str() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes_[0], bytes_[1], bytes_[2], bytes_[3],
                     bytes_[4], bytes_[5]);
}

}  // namespace podwire
