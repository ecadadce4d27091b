#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace podwire::trace {

// linux/if_ether.h ETH_P_*.
inline constexpr std::uint16_t kTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kTypeArp = 0x0806;
inline constexpr std::uint16_t kTypeVlan = 0x8100;
inline constexpr std::uint16_t kTypeIpv6 = 0x86dd;

// The Internet's protocol numbers, with IPv6's extension headers among them.
inline constexpr std::uint8_t kHopByHop = 0;
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kRouting = 43;
inline constexpr std::uint8_t kFragment = 44;
inline constexpr std::uint8_t kIcmpv6 = 58;
inline constexpr std::uint8_t kDestinationOptions = 60;
inline constexpr std::uint8_t kSctp = 132;

inline constexpr std::uint16_t kVxlanPort = 4789;       // RFC 7348
inline constexpr std::uint16_t kVxlanLinuxPort = 8472;  // Linux had VXLAN before the RFC gave it a port

/// "IPv4", "ARP", "IPv6", or the number: "0x88cc".
[[nodiscard]] std::string ether_type_name(std::uint16_t type);
/// "UDP", "TCP", "ICMP", or "protocol 89".
[[nodiscard]] std::string protocol_name(std::uint8_t protocol);
/// "echo request", "destination unreachable: port", or "type 42 code 0".
[[nodiscard]] std::string icmp_name(bool v6, std::uint8_t type, std::uint8_t code);
/// "SYN+ACK"; "no flags" for none.
[[nodiscard]] std::string tcp_flag_names(std::uint8_t flags);

}  // namespace podwire::trace
