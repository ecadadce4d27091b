#include "state/nft.h"

#include <fmt/format.h>
#include <linux/if.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace podwire::state {
namespace {

constexpr std::size_t kRegister = 4;  // nf_tables loads a concatenation into 32-bit registers

template <std::size_t N>
std::span<const std::byte> as_span(const std::array<std::uint8_t, N>& bytes) {
  return std::as_bytes(std::span(bytes));
}

}  // namespace

NftBytes& NftBytes::raw(std::span<const std::byte> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  bytes_.resize((bytes_.size() + kRegister - 1) / kRegister * kRegister);
  return *this;
}

NftBytes& NftBytes::addr(const IpAddr& a) { return raw(a.bytes()); }

NftBytes& NftBytes::port(std::uint16_t host_order) {
  return raw(as_span(
      std::array{static_cast<std::uint8_t>(host_order >> 8), static_cast<std::uint8_t>(host_order & 0xff)}));
}

NftBytes& NftBytes::protocol(std::uint8_t ip_protocol) { return raw(as_span(std::array{ip_protocol})); }

NftBytes& NftBytes::mark(std::uint32_t host_order) {
  return raw(as_span(std::bit_cast<std::array<std::uint8_t, sizeof host_order>>(host_order)));
}

NftBytes& NftBytes::ifname(std::string_view name) {
  std::array<std::uint8_t, IFNAMSIZ> padded{};
  std::memcpy(padded.data(), name.data(), std::min<std::size_t>(name.size(), IFNAMSIZ - 1));
  return raw(as_span(padded));
}

std::string NftBytes::hex() const {
  std::string out;
  out.reserve(bytes_.size() * 2);
  for (const std::byte b : bytes_)
    fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned>(b));
  return out;
}

Result<NftBytes> NftBytes::from_hex(std::string_view text) {
  NftBytes out;
  out.bytes_.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::string_view pair = text.substr(i, 2);
    unsigned value = 0;
    const auto [end, ec] = std::from_chars(pair.data(), pair.data() + pair.size(), value, 16);
    if (pair.size() != 2 || ec != std::errc{} || end != pair.data() + 2)
      return fail("parse hex", fmt::format("\"{}\"", text), 0, "it must be pairs of hexadecimal digits");
    out.bytes_.push_back(static_cast<std::byte>(value));
  }
  return out;
}

namespace {

std::string_view name_of(NftFamily family) {
  switch (family) {
    case NftFamily::inet:
      return "inet";
    case NftFamily::ipv4:
      return "ip";
    case NftFamily::arp:
      return "arp";
    case NftFamily::netdev:
      return "netdev";
    case NftFamily::bridge:
      return "bridge";
    case NftFamily::ipv6:
      return "ip6";
  }
  return "unknown";
}

}  // namespace

std::string describe(const NftSet& set) {
  return fmt::format("{} {} {}", name_of(set.family), set.table, set.name);
}

std::string describe(const NftVerdict& verdict) {
  switch (verdict.kind) {
    case NftVerdict::Kind::accept:
      return "accept";
    case NftVerdict::Kind::drop:
      return "drop";
    case NftVerdict::Kind::return_:
      return "return";
    case NftVerdict::Kind::jump:
      return "jump " + verdict.chain;
    case NftVerdict::Kind::goto_:
      return "goto " + verdict.chain;
  }
  return fmt::format("verdict {}", static_cast<std::int32_t>(verdict.kind));
}

std::string describe(const NftElement& e) {
  std::string out = e.key.hex();
  if (!e.key_end.empty()) out += "-" + e.key_end.hex();
  if (e.verdict)
    out += " : " + describe(*e.verdict);
  else if (!e.data.empty())
    out += " : " + e.data.hex();
  if (e.timeout) out += fmt::format(" timeout {}ms", e.timeout->count());
  if (!e.comment.empty()) out += fmt::format(" comment \"{}\"", e.comment);
  return out;
}

}  // namespace podwire::state
