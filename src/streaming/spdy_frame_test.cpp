#include "streaming/spdy_frame.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace podwire::streaming::spdy {
namespace {

using Kind = Frame::Kind;

TEST(Spdy, TheDictionaryIsTheDrafts) {
  const auto& text = header_dictionary();
  EXPECT_EQ(text.size(), 1423U);
  // What every SPDY/3 header block begins with names it by this sum.
  EXPECT_EQ(::adler32(1, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())),
            0xe3c6a7c2U);
}

const std::vector<Frame> kFrames{
    {.kind = Kind::syn_stream,
     .stream = 1,
     .fields = {{"streamtype", "error"}, {"port", "80"}, {"requestid", "0"}}},
    {.kind = Kind::syn_stream,
     .stream = 3,
     .fields = {{"streamtype", "data"}, {"port", "80"}, {"requestid", "0"}}},
    {.kind = Kind::syn_reply, .stream = 3},
    {.kind = Kind::data, .stream = 3, .data = "GET / HTTP/1.1\r\n\r\n"},
    {.kind = Kind::ping, .stream = 7},
    {.kind = Kind::data, .stream = 3, .fin = true},
    {.kind = Kind::rst_stream, .stream = 3},
    {.kind = Kind::goaway, .stream = 3},
};

TEST(Spdy, FramesAreReadHoweverTheyAreCut) {
  FrameWriter writer;
  std::string bytes;
  for (const auto& frame : kFrames) bytes += writer.encode(frame);
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    FrameReader reader;
    std::vector<Frame> seen;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      reader.push(std::string_view(bytes).substr(at, step));
      for (auto f = reader.next(); f && *f; f = reader.next()) seen.push_back(**f);
    }
    ASSERT_EQ(seen, kFrames) << step;
  }
}

Result<std::optional<Frame>> read(std::string_view bytes) {
  FrameReader reader;
  reader.push(bytes);
  return reader.next();
}

TEST(Spdy, WhatIsNoneIsRefused) {
  EXPECT_FALSE(read(std::string("\x80\x02\0\x06\0\0\0\x04zzzz", 12)).has_value());        // version 2
  EXPECT_FALSE(read(std::string("\x80\x03\0\x06\0\0\0\x02zz", 10)).has_value());          // half a ping
  EXPECT_FALSE(read(std::string("\x80\x03\0\x01\0\0\0\x0azzzzzzzzzz", 18)).has_value());  // no fields
  EXPECT_FALSE(read(std::string("\x80\x03\0\x02\0\0\0\x08zzzzzzzz", 16)).has_value());    // not deflated
  EXPECT_FALSE(read(std::string("\0\0\0\x01\0\xff\xff\xff", 8)).has_value());             // 16 MiB
}

TEST(Spdy, SettingsAreNothingToUs) {
  const auto frame = read(std::string("\x80\x03\0\x04\0\0\0\x04\0\0\0\0", 12));
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->kind, Kind::other);
}

TEST(Spdy, AHeaderBlockDoesNotGrowWithoutEnd) {
  FrameWriter writer;
  EXPECT_FALSE(read(writer.encode(
                        {.kind = Kind::syn_reply, .stream = 1, .fields = {{"a", std::string(1 << 20, 'x')}}}))
                   .has_value());
}

}  // namespace
}  // namespace podwire::streaming::spdy
