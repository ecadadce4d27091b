#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "trace/packet.h"

namespace podwire::trace {

/// Bytes from hex digits; anything else between them is passed over.
inline std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> out;
  int high = -1;
  for (const char c : text) {
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (digit < 0) continue;
    if (high >= 0) out.push_back(static_cast<std::byte>(high << 4 | digit));
    high = high < 0 ? digit : -1;
  }
  return out;
}

// Captured with AF_PACKET between two hosts and a router made of network namespaces.

/// An echo request, as a router's first interface sees it...
inline constexpr std::string_view kPing =
    "02000000010a02000000000a0800450000549d1b4000400188d90a5800020a5900020800b2c95ce800011bf3036b00000000"
    "081c020000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637";
/// ...and the same as it leaves the router.
inline constexpr std::string_view kPingForwarded =
    "02000000000b02000000010b0800450000549d1b40003f0189d90a5800020a5900020800b2c95ce800011bf3036b00000000"
    "081c020000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637";
/// "hello from A\n" over UDP; a veth leaves the checksum partial.
inline constexpr std::string_view kUdp =
    "02000000010a02000000000a080045000029529440004011d37b0a5800020a5900020fa014e9001514db68656c6c6f206672"
    "6f6d20410a";
/// The same one hop later.
inline constexpr std::string_view kUdpForwarded =
    "02000000000b02000000010b080045000029529440003f11d47b0a5800020a5900020fa014e9001514db68656c6c6f206672"
    "6f6d20410a";
/// The answer: nobody listens there.
inline constexpr std::string_view kPortUnreachable =
    "02000000000a02000000010a080045c00045260f00003f0140350a5900020a58000203037f70000000004500002952944000"
    "3f11d47b0a5800020a5900020fa014e9001514db68656c6c6f2066726f6d20410a";
/// A TCP SYN with options, checksum partial.
inline constexpr std::string_view kSyn =
    "02000000010a02000000000a08004500003c42c140004006e3460a5800020a590002845e00503cf3b47800000000a002faf0"
    "14e30000020405b40402080a5af42d3d000000000103030a";
/// The answer, RST, from the kernel: its checksum is partial too or whole, as it is.
inline constexpr std::string_view kReset =
    "02000000000a02000000010a080045000028000040003f06271c0a5900020a5800020050845e000000003cf3b47950140000"
    "25010000";
/// An ICMPv6 echo request.
inline constexpr std::string_view kPing6 =
    "02000000010a02000000000a86dd6006464c00403a4020010db8000a0000000000000000000220010db8000b000000000000"
    "000000028000a3b05ce900011bf3036b00000000432e020000000000101112131415161718191a1b1c1d1e1f202122232425"
    "262728292a2b2c2d2e2f3031323334353637";
/// IPv6's question for a MAC.
inline constexpr std::string_view kNeighbourSolicitation =
    "3333ff00000102000000000a86dd6000000000203aff20010db8000a00000000000000000002ff0200000000000000000001"
    "ff00000187001c0b0000000020010db8000a00000000000000000001010102000000000a";
/// ARP in VXLAN: the outer checksum is partial, the inner frame has none.
inline constexpr std::string_view kVxlanArp =
    "02000000010a02000000000a08004500004e52950000401113560a5800020a590002c8e52118003a15000800000000000100"
    "ffffffffffff02000000020a0806000108000604000102000000020a0a5800020000000000000af40101";
/// UDP in VXLAN: the inner checksum is partial, and the outer one is right once the inner is complete.
inline constexpr std::string_view kVxlanUdp =
    "02000000010a02000000000a08004500005b52960000401113480a5800020a590002bc3d211800470ab60800000000000100"
    "02000000020b02000000020a08004500002966a540004011bdd00a5800020af401010fa014e90015167568656c6c6f206672"
    "6f6d20410a";
/// ICMPv6 behind a hop-by-hop extension header.
inline constexpr std::string_view kListenerReport =
    "33330000001602000000000a86dd6000000000380001fe80000000000000000000fffe00000aff0200000000000000000000"
    "000000163a000502000001008f006fd90000000204000000ff0200000000000000000001ff00000a04000000ff0200000000"
    "000000000001ff000002";

}  // namespace podwire::trace
