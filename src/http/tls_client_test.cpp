#include "http/tls_client.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "http/client_fixture.h"

namespace podwire::http {
namespace {

namespace asio = boost::asio;

Task<void> whole_answers(TlsClient& client, Server& server, std::uint16_t port) {
  for (int i = 0; i < 3; ++i) {
    Call call{.method = "POST", .target = "/a%20b?x", .headers = {{"X", "1"}}, .body = "hi"};
    const auto reply = co_await client.send(call);
    EXPECT_TRUE(reply.has_value()) << reply.error().message();
    if (!reply) co_return;
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "POST /a b hi");
    EXPECT_EQ(reply->header("x-host"), "127.0.0.1:" + std::to_string(port));
    call.method = "HEAD";
    const auto head = co_await client.send(call);
    EXPECT_EQ(head->header("content-length"), "12");
    EXPECT_EQ(head->body, "");
    EXPECT_EQ(server.connections(), 1U);  // one is kept
  }
}
TEST_F(HttpTlsClient, SeveralCallsOverOneConnection) {
  start();
  const auto c = client();
  run(whole_answers(*c, *server_, port_));
}

Task<void> ipv6(TlsClient& client) {
  const auto reply = co_await client.send(Call{.target = "/six"});
  EXPECT_TRUE(reply.has_value()) << reply.error().message();
  if (reply) EXPECT_EQ(reply->body, "GET /prefix/six ");
}
TEST_F(HttpTlsClient, Ipv6AndAPrefix) {
  start("IP:::1", "::1");
  options_.url += "/prefix/";
  const auto c = client();
  run(ipv6(*c));
}

Task<void> by_name(TlsClient& client) {
  const auto reply = co_await client.send(Call{.target = "/"});
  EXPECT_TRUE(reply.has_value()) << reply.error().message();
}
TEST_F(HttpTlsClient, ByName) {
  start("DNS:localhost");
  options_.url = "https://localhost:" + std::to_string(port_);
  const auto c = client();
  run(by_name(*c));
}

TEST_F(HttpTlsClient, AnotherServerName) {
  start("DNS:api.example");
  options_.server_name = "api.example";
  const auto c = client();
  run(by_name(*c));
}

TEST_F(HttpTlsClient, AnyServerWhereTrustIsNotAskedFor) {
  start("DNS:api.example");
  options_.ca.clear();
  options_.verify = false;
  const auto c = client();
  run(by_name(*c));
}

Task<void> refused(TlsClient& client, std::string why) {
  const auto reply = co_await client.send(Call{.target = "/secret"});
  EXPECT_FALSE(reply.has_value());
  if (!reply) EXPECT_NE(reply.error().message().find(why), std::string::npos) << reply.error().message();
}
TEST_F(HttpTlsClient, AServerOfAnotherCaIsNotTrusted) {
  start();
  options_.ca = TestCa().certificate();
  const auto c = client();
  run(refused(*c, "its certificate (CN=server, issued by CN=a test's CA) is not trusted: "));
  EXPECT_EQ(asked_["/secret"], 0);
}

TEST_F(HttpTlsClient, ACertificateForAnotherNameIsNotTrusted) {
  start("DNS:localhost,IP:10.0.0.1,IP:fd00::1");
  const auto c = client();
  run(refused(*c, "TLS handshake with 127.0.0.1:" + std::to_string(port_) +
                      ": its certificate is for localhost, 10.0.0.1, fd00::1, not 127.0.0.1"));
}

TEST_F(HttpTlsClient, AnExpiredCertificateIsNotTrusted) {
  start("IP:127.0.0.1", "127.0.0.1", {}, -3600);
  const auto c = client();
  run(refused(*c, "certificate has expired"));
}

TEST_F(HttpTlsClient, NobodyThere) {
  start();
  server_->stop();
  const auto c = client();
  run(refused(*c, "connect to 127.0.0.1:" + std::to_string(port_) + ": Connection refused"));
}

Task<void> shows_certificate(TlsClient& client) {
  const auto reply = co_await client.send(Call{.target = "/"});
  EXPECT_EQ(reply->header("X-Peer"), "system:node:a");
}
TEST_F(HttpTlsClient, TheServerSeesTheClientsCertificate) {
  start();
  const auto own = ca().sign("system:node:a", "");
  options_.certificate = own.certificate;
  options_.key = own.key;
  const auto c = client();
  run(shows_certificate(*c));
}

TEST_F(HttpTlsClient, UselessOptionsAreErrors) {
  options_.url = "https://a";
  options_.ca = "no PEM";
  EXPECT_FALSE(TlsClient::make(io_, options_).has_value());
  options_.ca.clear();
  options_.certificate = ca().sign("x", "").certificate;
  EXPECT_FALSE(TlsClient::make(io_, options_).has_value());
  options_.key = ca().sign("y", "").key;
  EXPECT_FALSE(TlsClient::make(io_, options_).has_value());
  EXPECT_FALSE(TlsClient::make(io_, {.url = "a:1"}).has_value());
}

Task<void> tokens(TlsClient& client) {
  for (const char* token : {"Bearer 1", "Bearer 2"}) {
    const auto reply = co_await client.send(Call{.target = "/"});
    EXPECT_EQ(reply->header("X-Token"), token);
  }
  const auto own = co_await client.send(Call{.target = "/", .headers = {{"authorization", "mine"}}});
  EXPECT_EQ(own->header("X-Token"), "mine");
  const auto none = co_await client.send(Call{.target = "/"});
  EXPECT_NE(none.error().message().find("read token"), std::string::npos);
}
TEST_F(HttpTlsClient, ATokenIsAskedForEachTime) {
  start();
  int n = 0;
  options_.token = [&]() -> Result<std::string> {
    if (++n == 3) return fail("read token", "/run/token", ENOENT);
    return std::to_string(n);
  };
  const auto c = client();
  run(tokens(*c));
}

Task<void> streams(TlsClient& client) {
  auto incoming = co_await client.open(Call{.target = "/stream"});
  EXPECT_TRUE(incoming.has_value());
  if (!incoming) co_return;
  EXPECT_EQ((*incoming)->status(), 200);
  EXPECT_EQ((*incoming)->header("content-type"), "text/plain");
  std::string all;
  for (;;) {
    const auto piece = co_await (*incoming)->read(1h);
    EXPECT_TRUE(piece.has_value());
    if (!piece || piece->empty()) break;
    all += *piece;
  }
  EXPECT_TRUE(all.starts_with("piece 0\npiece 1\n"));
  EXPECT_TRUE(all.ends_with("piece 999\n"));
  const auto reply = co_await client.send(Call{.target = "/stream"});
  EXPECT_EQ(reply->body, all);
}
TEST_F(HttpTlsClient, Streams) {
  start();
  const auto c = client();
  run(streams(*c));
}

Task<void> leaves(TlsClient& client) {
  const auto incoming = co_await client.open(Call{.target = "/wait"});
  const auto begun = co_await (*incoming)->read(1h);
  EXPECT_EQ(*begun, "begun\n");
}
TEST_F(HttpTlsClient, AStreamEndsWithItsReader) {
  start();
  const auto c = client();
  run(leaves(*c));  // or never returns
}

Task<void> cut_off(TlsClient& client) {
  const auto incoming = co_await client.open(Call{.target = "/cut"});
  const auto begun = co_await (*incoming)->read(1h);
  EXPECT_EQ(*begun, "begun\n");
  const auto rest = co_await (*incoming)->read(1h);
  EXPECT_NE(rest.error().message().find("cut off"), std::string::npos);
  const auto reply = co_await client.send(Call{.target = "/cut"});
  EXPECT_FALSE(reply.has_value());
}
TEST_F(HttpTlsClient, AnAnswerWithoutItsEndIsAnError) {
  start();
  const auto c = client();
  run(cut_off(*c));
}

Task<void> silence(TlsClient& client) {
  const auto incoming = co_await client.open(Call{.target = "/wait"});
  const auto begun = co_await (*incoming)->read(1h);
  EXPECT_TRUE(begun.has_value());
  const auto late = co_await (*incoming)->read(1ms);
  EXPECT_EQ(late.error().sys_errno, ETIMEDOUT);
}
TEST_F(HttpTlsClient, ReadingWaitsAsLongAsItWasTold) {
  start();
  const auto c = client();
  run(silence(*c));
}

Task<void> large(TlsClient& client) {
  const auto reply = co_await client.send(Call{.target = "/large"});
  EXPECT_EQ(reply.error().sys_errno, EFBIG);
  const auto small = co_await client.send(Call{.target = "/small"});
  EXPECT_TRUE(small.has_value());
}
TEST_F(HttpTlsClient, HugeAnswersAreRefused) {
  start();
  options_.answer_bytes = 1000;
  const auto c = client();
  run(large(*c));
}

Task<void> large_request(TlsClient& client) {
  const auto reply =
      co_await client.send(Call{.method = "POST", .target = "/", .body = std::string(500'000, 'x')});
  EXPECT_TRUE(reply.has_value()) << reply.error().message();
  if (reply) EXPECT_EQ(reply->status, 413);
}
TEST_F(HttpTlsClient, ARefusalIsReadAlsoWhenItComesEarly) {
  start("IP:127.0.0.1", "127.0.0.1", {.body_bytes = 100});
  const auto c = client();
  run(large_request(*c));
}

Task<void> injection(TlsClient& client) {
  const Call calls[] = {{.target = "/a b"},
                        {.target = "/a\r\nX: y"},
                        {.target = "a"},
                        {.method = "GET /b", .target = "/"},
                        {.target = "/", .headers = {{"X", "a\r\nY: b"}}},
                        {.target = "/", .headers = {{"X: a", "b"}}}};
  for (const auto& call : calls) {
    const auto reply = co_await client.send(call);
    EXPECT_FALSE(reply.has_value());
  }
}
TEST_F(HttpTlsClient, WhatWouldBreakOutOfItsLineIsNotSent) {
  start();
  const auto c = client();
  run(injection(*c));
  EXPECT_TRUE(asked_.empty());
}

Task<void> forever(TlsClient& client, bool& ended) {
  const auto reply = co_await client.send(Call{.target = "/never"});
  ended = true;
}
TEST_F(HttpTlsClient, ACancelledCallIsGivenBack) {
  start();
  const auto c = client();
  asio::cancellation_signal signal;
  std::exception_ptr how;
  bool ended = false;
  asio::co_spawn(
      io_, forever(*c, ended),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) { how = std::move(e); }));
  while (asked_["/never"] == 0) io_.run_one();
  signal.emit(asio::cancellation_type::terminal);
  server_->stop();
  io_.run();
  EXPECT_TRUE(how != nullptr || ended);
  EXPECT_EQ(server_->connections(), 0U);
}

Task<void> too_slow(TlsClient& client) {
  const auto reply = co_await client.send(Call{.target = "/never"});
  EXPECT_EQ(reply.error().sys_errno, ETIMEDOUT);
}
TEST_F(HttpTlsClient, ARequestEndsInTime) {
  start();
  options_.request = 10ms;
  const auto c = client();
  run(too_slow(*c));
}

}  // namespace
}  // namespace podwire::http
