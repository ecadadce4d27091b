#include "http/server.h"

#include <gtest/gtest.h>

#include "http/server_fixture.h"

namespace podwire::http {
namespace {

TEST_F(HttpServer, SeveralRequestsOnOneConnection) {
  start();
  RawClient c(port_);
  for (int i = 0; i < 3; ++i) {
    c.send("POST /a HTTP/1.1\r\nHost: x\r\nX-Test: t\r\nContent-Length: 2\r\n\r\nhi");
    EXPECT_NE(c.until("POST /a t hi -").find("HTTP/1.1 200 OK"), std::string::npos);
  }
}

TEST_F(HttpServer, RequestsInOneGoAreAnsweredInOrder) {
  start();
  RawClient c(port_);
  c.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto all = c.rest();
  EXPECT_LT(all.find("GET /1"), all.find("GET /2"));
  EXPECT_NE(all.find("GET /2"), std::string::npos);
}

TEST_F(HttpServer, StreamsInChunks) {
  start();
  RawClient c(port_);
  c.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto all = c.rest();
  EXPECT_NE(all.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_NE(all.find("8\r\npiece 0\n\r\n8\r\npiece 1\n\r\n8\r\npiece 2\n\r\n0\r\n\r\n"), std::string::npos)
      << all;
}

TEST_F(HttpServer, NoticesThatAClientOfAStreamHasGone) {
  start();
  {
    RawClient c(port_);
    c.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    c.until("begun");
  }
  for (int i = 0; i < 1000 && !gone_; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(gone_);
}

TEST_F(HttpServer, StopEndsStreams) {
  start();
  RawClient c(port_);
  c.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  c.until("begun");
  boost::asio::post(io_, [this] { server_->stop(); });
  c.rest();
  thread_.join();
  EXPECT_TRUE(gone_);
}

TEST_F(HttpServer, TellsWhoShowedACertificate) {
  start();
  RawClient c(port_, true);
  ASSERT_TRUE(c.connected_);
  c.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto all = c.rest();
  EXPECT_NE(all.find("X-Peer: alice"), std::string::npos) << all;
  EXPECT_NE(all.find("others"), std::string::npos);
}

TEST_F(HttpServer, AnswersEvenWhenTheHandlerDoesNot) {
  start();
  for (const char* path : {"/silent", "/throw"}) {
    RawClient c(port_);
    c.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(c.rest().find("HTTP/1.1 500"), std::string::npos) << path;
  }
}

TEST_F(HttpServer, ContinuesWhenAsked) {
  start();
  RawClient c(port_);
  c.send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_NE(c.until("\r\n\r\n").find("100 Continue"), std::string::npos);
  c.send("ok");
  EXPECT_NE(c.until("POST /e  ok").find("200 OK"), std::string::npos);
}

TEST_F(HttpServer, AnUpgradedStreamBeginsBehindTheRequest) {
  start();
  RawClient c(port_);
  c.send("GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly");
  const auto all = c.rest();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << all;
  EXPECT_TRUE(all.ends_with("\r\n\r\nheard early")) << all;
}

TEST_F(HttpServer, ServesSocketsThatListenAlready) {
  std::vector<UniqueFd> sockets;
  std::vector<std::uint16_t> ports;
  for (int i = 0; i < 2; ++i) {
    auto& fd = sockets.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    ASSERT_EQ(::bind(fd.raw(), reinterpret_cast<sockaddr*>(&here), size), 0);
    ASSERT_EQ(::listen(fd.raw(), 5), 0);
    ASSERT_EQ(::getsockname(fd.raw(), reinterpret_cast<sockaddr*>(&here), &size), 0);
    ports.push_back(ntohs(here.sin_port));
  }
  start(std::move(sockets));
  EXPECT_EQ(port_, ports.front());
  for (const auto port : ports) {
    RawClient c(port);
    c.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(c.until("GET /a").find("HTTP/1.1 200 OK"), std::string::npos);
  }
}

TEST(HttpServerStart, BadCertificatesAndTakenPortsAreErrors) {
  boost::asio::io_context io;
  const Handler none = [](const Request&, Responder&) -> Task<void> { co_return; };
  const auto complain = [](int, std::string_view) { return std::string(); };
  Server bad(io, none, complain);
  EXPECT_FALSE(bad.listen(*IpAddr::parse("127.0.0.1"), 0, {"x", "y", ""}).has_value());
  Server first(io, none, complain), second(io, none, complain);
  const ServerCertificates own{identity().certificate, identity().key, ""};
  const auto port = first.listen(*IpAddr::parse("127.0.0.1"), 0, own);
  ASSERT_TRUE(port.has_value());
  EXPECT_EQ(second.listen(*IpAddr::parse("127.0.0.1"), *port, own).error().sys_errno, EADDRINUSE);
}

}  // namespace
}  // namespace podwire::http
