#include "trace/encapsulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "trace/test_frames.h"

namespace podwire::trace {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(std::ranges::count_if(line, [](char c) { return (c & 0xc0) != 0x80; }));
}

TEST(Boxes, AUdpPacketFromTheDataOutwards) {
  const auto packet = decode(from_hex(kUdp));
  const BoxStyle plain{.width = 72, .unicode = false};
  EXPECT_EQ(boxes(packet, 3, plain),
            R"(+- data, 13 bytes -----------------------------------------------------+
| "hello from A\n"                                                     |
| 68 65 6c 6c 6f 20 66 72 6f 6d 20 41 0a                               |
+----------------------------------------------------------------------+
)");
  EXPECT_EQ(boxes(packet, 2, plain),
            R"(+- UDP header, 8 bytes ------------------------------------------------+
| source port 4000; destination port 5353; length 21;                  |
| checksum 0x14db, partial (offloaded)                                 |
| 0f a0 14 e9 00 15 14 db                                              |
| +- data, 13 bytes -------------------------------------------------+ |
| | "hello from A\n"                                                 | |
| | 68 65 6c 6c 6f 20 66 72 6f 6d 20 41 0a                           | |
| +------------------------------------------------------------------+ |
+----------------------------------------------------------------------+
)");
  EXPECT_EQ(boxes(packet, 9), "");
}

TEST(Boxes, EveryByteOfEveryHeaderIsThere) {
  const auto text = boxes(decode(from_hex(kPing)));
  EXPECT_THAT(text, HasSubstr("02 00 00 00 01 0a 02 00 00 00 00 0a 08 00"));
  EXPECT_THAT(text, HasSubstr("45 00 00 54 9d 1b 40 00 40 01 88 d9 0a 58 00 02"));
  EXPECT_THAT(text, HasSubstr("time to live 64"));
  EXPECT_THAT(text, HasSubstr("header checksum 0x88d9, good"));
}

TEST(Boxes, LinesAreAllAsWideAsAsked) {
  for (const auto hex : {kPing, kSyn, kPing6, kVxlanUdp, kVxlanArp, kListenerReport})
    for (const std::size_t width : {80u, 60u, 40u, 27u, 1u})
      for (const bool unicode : {true, false}) {
        const BoxStyle style{.width = width, .unicode = unicode};
        for (const auto& line : lines_of(boxes(decode(from_hex(hex)), 0, style)))
          EXPECT_EQ(columns(line), std::max<std::size_t>(width, 27)) << line;
      }
}

TEST(Boxes, NestingEndsAtTheWidthButNoLayerIsLeftOut) {
  const auto text = boxes(decode(from_hex(kVxlanUdp)), 0, {.width = 27});
  for (const char* bytes : {"08 00 00 00 00 00 01 00", "0f a0 14 e9 00 15 16 75", "68 65 6c 6c 6f 20 66 72"})
    EXPECT_THAT(text, HasSubstr(bytes));
}

TEST(Boxes, LongDataIsCounted) {
  auto bytes = from_hex(kUdp);
  bytes[16] = std::byte{0x04};  // IPv4 length 0x0429
  bytes[38] = std::byte{0x04};  // UDP length 0x0415
  bytes.resize(bytes.size() + 1024);
  const auto text = boxes(decode(bytes));
  EXPECT_THAT(text, HasSubstr("data, 1037 bytes"));
  EXPECT_THAT(text, HasSubstr("... and 973 more bytes"));
}

TEST(Boxes, PaddingLiesBesideThePacket) {
  auto bytes = from_hex(kUdp);
  bytes.resize(60);
  const auto lines = lines_of(boxes(decode(bytes), 0, {.unicode = false}));
  ASSERT_GE(lines.size(), 4u);
  EXPECT_THAT(lines[lines.size() - 4], testing::StartsWith("| +- padding, 5 bytes"));
}

TEST(Boxes, ACutLayerSaysSo) {
  const auto bytes = from_hex(kUdp);
  EXPECT_THAT(boxes(decode(std::span(bytes).first(50), bytes.size())), HasSubstr("(cut off)"));
}

}  // namespace
}  // namespace podwire::trace
