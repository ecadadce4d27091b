#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "base/unique_fd.h"
#include "http/server_fixture.h"

// What a client may cost, and what it is told when it asks for more.
namespace podwire::http {
namespace {

TEST_F(HttpServer, WhatIsTooLargeOrBrokenIsSaid) {
  start({.header_bytes = 1024, .body_bytes = 100});
  const std::pair<std::string, std::string> cases[] = {
      {"GET / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n", "HTTP/1.1 431"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", "HTTP/1.1 413"},
      {"garbage\r\n\r\n", "HTTP/1.1 400"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 501"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 400"},
      {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400"}};
  for (const auto& [request, answer] : cases) {
    RawClient c(port_);
    c.send(request);
    const auto all = c.rest();
    EXPECT_NE(all.find(answer), std::string::npos) << all;
  }
}

TEST_F(HttpServer, WhoSendsTooMuchCanStillReadWhy) {
  start({.body_bytes = 100});
  RawClient c(port_);
  c.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'x'));
  EXPECT_NE(c.rest().find("HTTP/1.1 413"), std::string::npos);
}

TEST_F(HttpServer, ASlowHeaderIsToldSo) {
  start({.header = 0s, .body = 1h});
  RawClient c(port_);
  c.send("GET / HT");
  const auto all = c.rest();
  EXPECT_NE(all.find("HTTP/1.1 408 Request Timeout"), std::string::npos) << all;
  EXPECT_NE(all.find("408: the request's header was not whole after 0 s"), std::string::npos) << all;
}

TEST_F(HttpServer, ASlowBodyIsToldSo) {
  start({.header = 1h, .body = 0s});
  RawClient c(port_);
  c.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  const auto all = c.rest();
  EXPECT_NE(all.find("408: the request's body was not whole after 0 s"), std::string::npos) << all;
}

TEST_F(HttpServer, ARequestThatEndsTooSoonIsToldSo) {
  start();
  RawClient c(port_);
  c.send("GET / HT");
  c.finish();
  const auto all = c.rest();
  EXPECT_NE(all.find("400: the request ended before it was whole"), std::string::npos) << all;
}

TEST_F(HttpServer, ASlowHandshakeIsCutOff) {
  start({.handshake = 0s});
  const RawSocket c(port_);
  char byte = 0;
  EXPECT_EQ(::recv(c.raw(), &byte, 1, 0), 0);  // ends by itself
}

TEST_F(HttpServer, AnIdleConnectionEndsWithoutAWord) {
  start({.idle = 0s});
  RawClient c(port_);
  EXPECT_EQ(c.rest(), "");
}

TEST_F(HttpServer, OneConnectionTooManyIsToldSo) {
  start({.connections = 1});
  RawClient first(port_);
  RawClient second(port_);
  second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto all = second.rest();
  EXPECT_NE(all.find("HTTP/1.1 503"), std::string::npos) << all;
  EXPECT_NE(all.find("Retry-After: 1"), std::string::npos);
}

TEST_F(HttpServer, ThoseFarAboveTheLimitGetNoHandshake) {
  start({.connections = 1});
  std::vector<std::unique_ptr<RawSocket>> silent;
  silent.reserve(65);
  for (int i = 0; i < 65; ++i) silent.push_back(std::make_unique<RawSocket>(port_));
  EXPECT_FALSE(RawClient(port_).connected_);
}

TEST_F(HttpServer, TakesConnectionsAgainWhenThereAreDescriptorsAgain) {
  start();
  const RawSocket waits(0);
  std::vector<UniqueFd> all;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  testing::internal::CaptureStderr();
  const auto began = std::chrono::steady_clock::now();
  const rlimit low{.rlim_cur = 100, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  for (int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0;
       fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC))
    all.emplace_back(fd);
  EXPECT_EQ(errno, EMFILE);
  waits.connect(port_);
  std::this_thread::sleep_for(20ms);  // its accept() fails meanwhile
  all.clear();
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  RawClient next(port_);
  next.send("GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(next.until("GET /after").find("200 OK"), std::string::npos);
  const auto said = testing::internal::GetCapturedStderr();
  const auto pauses = (std::chrono::steady_clock::now() - began) / 100ms;
  EXPECT_LE(std::ranges::count(said, '\n'), pauses + 1) << said;  // it does not try all the time
}

TEST(HttpServerLimits, SomeDescriptorsAreLeftForOthers) {
  EXPECT_EQ(connections_within(100), 50U);
  EXPECT_EQ(connections_within(1024), 768U);
}

}  // namespace
}  // namespace podwire::http
