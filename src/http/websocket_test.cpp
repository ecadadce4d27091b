#include "http/websocket.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>

namespace podwire::http {
namespace {

/// A client's frame, masked.
std::string frame(int first, std::string_view payload, std::string_view mask = "abcd") {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80U | payload.size());
  } else {
    out += static_cast<char>(0x80 | 126);
    out += {static_cast<char>(payload.size() >> 8U), static_cast<char>(payload.size() & 0xffU)};
  }
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

TEST(WebSocketFrames, AreReadHoweverTheyAreCut) {
  const std::string bytes = frame(0x82, "one") + frame(0x81, "") + frame(0x82, std::string(300, 'x'));
  for (std::size_t step = 1; step < bytes.size(); ++step) {
    MessageReader reader(1000);
    std::vector<Message> seen;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      reader.push(std::string_view(bytes).substr(at, step));
      for (auto m = reader.next(); m && *m; m = reader.next()) seen.push_back(**m);
    }
    ASSERT_EQ(seen.size(), 3U) << step;
    EXPECT_EQ(seen[0], (Message{Opcode::binary, "one"}));
    EXPECT_EQ(seen[1], (Message{Opcode::text, ""}));
    EXPECT_EQ(seen[2].payload, std::string(300, 'x'));
  }
}

TEST(WebSocketFrames, PiecesAreOneMessageAndPingsComeInBetween) {
  MessageReader reader(100);
  reader.push(frame(0x02, "a") + frame(0x89, "p") + frame(0x00, "b") + frame(0x80, "c"));
  EXPECT_EQ(**reader.next(), (Message{Opcode::ping, "p"}));
  EXPECT_EQ(**reader.next(), (Message{Opcode::binary, "abc"}));
}

TEST(WebSocketFrames, WhatBreaksTheProtocolEndsIt) {
  const auto verdict = [](std::string_view bytes) {
    MessageReader reader(100);
    reader.push(bytes);
    const auto got = reader.next();
    return got ? CloseCode::normal : got.error();
  };
  EXPECT_EQ(verdict(std::string("\x82\x01", 2) + "x"), CloseCode::protocol_error);  // not masked
  EXPECT_EQ(verdict(frame(0xc2, "x")), CloseCode::protocol_error);                  // reserved bit
  EXPECT_EQ(verdict(frame(0x83, "x")), CloseCode::protocol_error);                  // unknown opcode
  EXPECT_EQ(verdict(frame(0x80, "x")), CloseCode::protocol_error);                  // continues nothing
  EXPECT_EQ(verdict(frame(0x09, "x")), CloseCode::protocol_error);                  // a ping in pieces
  EXPECT_EQ(verdict(frame(0x89, std::string(126, 'x'))), CloseCode::protocol_error);
  EXPECT_EQ(verdict(frame(0x82, std::string(101, 'x'))), CloseCode::too_big);
  EXPECT_EQ(verdict(frame(0x02, std::string(60, 'x')) + frame(0x80, std::string(60, 'x'))),
            CloseCode::too_big);
  EXPECT_EQ(verdict(std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10)), CloseCode::too_big);
  EXPECT_EQ(verdict(frame(0x02, "a") + frame(0x82, "b")), CloseCode::protocol_error);
}

TEST(WebSocketFrames, LengthsHaveThreeSizes) {
  EXPECT_EQ(encode_message(Opcode::binary, "ab"), std::string("\x82\x02", 2) + "ab");
  EXPECT_EQ(encode_message(Opcode::binary, std::string(300, 'x')).substr(0, 4),
            std::string("\x82\x7e\x01\x2c", 4));
  EXPECT_EQ(encode_message(Opcode::binary, std::string(70'000, 'x')).substr(0, 10),
            std::string("\x82\x7f\0\0\0\0\0\x01\x11\x70", 10));
}

TEST(WebSocketFrames, TheKeyOfTheStandardIsAnswered) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

Request asking(std::string_view protocols) {
  return {.method = "GET",
          .target = {},
          .headers = {{"Connection", "keep-alive, Upgrade"},
                      {"Upgrade", "WebSocket"},
                      {"Sec-WebSocket-Protocol", std::string(protocols)}},
          .body = {},
          .peer = {}};
}

TEST(WebSocketHandshake, TheBestCommonProtocolIsChosen) {
  constexpr std::string_view kKnown[] = {"v5.channel.k8s.io", "v4.channel.k8s.io"};
  EXPECT_EQ(common_protocol(asking("v4.channel.k8s.io,v5.channel.k8s.io"), kKnown), "v5.channel.k8s.io");
  EXPECT_EQ(common_protocol(asking("channel.k8s.io, v4.channel.k8s.io"), kKnown), "v4.channel.k8s.io");
  EXPECT_EQ(common_protocol(asking("base64.channel.k8s.io"), kKnown), "");
  EXPECT_TRUE(asks_for_websocket(asking("")));
  auto other = asking("");
  other.headers[1].second = "SPDY/3.1";
  EXPECT_FALSE(asks_for_websocket(other));
}

/// Says what it was given, then ends; keeps what was written.
class Script final : public Duplex {
 public:
  Script(std::deque<std::string> said, std::string& written) : said_(std::move(said)), written_(written) {}
  Task<Result<std::string>> read_some(std::size_t) override {
    if (said_.empty()) co_return std::string();
    auto out = said_.front();
    said_.pop_front();
    co_return out;
  }
  Task<Result<>> write_all(std::string bytes) override {
    written_ += bytes;
    co_return Result<>();
  }
  void close() override { said_.clear(); }

 private:
  std::deque<std::string> said_;
  std::string& written_;
};

Task<void> listen(WebSocket& socket, std::vector<std::string>& heard) {
  for (;;) {
    auto message = co_await socket.read();
    if (!message) co_return;
    heard.push_back(std::move(*message));
  }
}

std::vector<std::string> heard_from(std::deque<std::string> said, std::string& written) {
  boost::asio::io_context io;
  WebSocket socket(std::make_unique<Script>(std::move(said), written), io.get_executor());
  std::vector<std::string> heard;
  boost::asio::co_spawn(io, listen(socket, heard), boost::asio::detached);
  io.run();
  return heard;
}

TEST(WebSocket, AnswersPingsAndGoodbyes) {
  std::string written;
  const auto heard =
      heard_from({frame(0x82, "a"), frame(0x89, "p") + frame(0x81, "b"), frame(0x88, "")}, written);
  EXPECT_EQ(heard, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(written, encode_message(Opcode::pong, "p") + encode_message(Opcode::close, "\x03\xe8"));
}

TEST(WebSocket, SaysWhyItEnds) {
  std::string written;
  EXPECT_TRUE(heard_from({frame(0x83, "a")}, written).empty());
  EXPECT_EQ(written, encode_message(Opcode::close, "\x03\xea"));
}

}  // namespace
}  // namespace podwire::http
