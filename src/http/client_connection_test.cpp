#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>

#include "http/tls_client.h"

// A client, and servers that say by the byte what a test wants, without TLS.
namespace podwire::http {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// On one connection: an answer each time that something has come, then the end.
using Script = std::vector<std::string>;

class HttpClientConnection : public testing::Test {
 protected:
  HttpClientConnection() {
    options_.url = "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

  Task<void> serve(std::vector<Script> scripts) {
    for (const auto& script : scripts) {
      auto [error, socket] = co_await acceptor_.async_accept(kTuple);
      if (error) co_return;
      ++connections_;
      for (const auto& answer : script) {
        std::string heard(4096, '\0');
        const auto [ended, size] = co_await socket.async_read_some(asio::buffer(heard), kTuple);
        heard_ += heard.substr(0, size);
        if (ended) break;
        co_await asio::async_write(socket, asio::buffer(answer), kTuple);
      }
    }
    acceptor_.close();
  }

  void run(std::vector<Script> scripts, Task<void> test) {
    asio::co_spawn(io_, serve(std::move(scripts)), asio::detached);
    asio::co_spawn(io_, std::move(test), [this](const std::exception_ptr& e) {
      if (acceptor_.is_open()) acceptor_.close();
      if (e) std::rethrow_exception(e);
    });
    io_.run();
  }

  std::unique_ptr<TlsClient> client() { return std::move(*TlsClient::make(io_, options_)); }

  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  TlsClient::Options options_;
  int connections_ = 0;
  std::string heard_;
};

const std::string kFine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

Task<void> expect_bodies(TlsClient& client, std::string method, std::vector<std::string> bodies) {
  for (const auto& body : bodies) {
    const auto reply = co_await client.send(Call{.method = method, .target = "/"});
    EXPECT_TRUE(reply.has_value()) << reply.error().message();
    if (reply) EXPECT_EQ(reply->body, body);
  }
}

TEST_F(HttpClientConnection, AConnectionIsUsedAgain) {
  const auto c = client();
  run({{kFine, kFine, kFine}}, expect_bodies(*c, "GET", {"hi", "hi", "hi"}));
  EXPECT_EQ(connections_, 1);
}

TEST_F(HttpClientConnection, AGetThatAKeptConnectionSwallowedIsSentAgain) {
  const auto c = client();
  run({{kFine, ""}, {kFine}}, expect_bodies(*c, "GET", {"hi", "hi"}));
  EXPECT_EQ(connections_, 2);
}

Task<void> swallowed_post(TlsClient& client) {
  const auto first = co_await client.send(Call{.method = "POST", .target = "/"});
  EXPECT_TRUE(first.has_value());
  const auto second = co_await client.send(Call{.method = "POST", .target = "/"});
  EXPECT_FALSE(second.has_value());
}
TEST_F(HttpClientConnection, APostIsNot) {
  const auto c = client();
  run({{kFine, ""}, {kFine}}, swallowed_post(*c));
  EXPECT_EQ(connections_, 1);
}

Task<void> half_an_answer(TlsClient& client) {
  const auto first = co_await client.send(Call{.target = "/"});
  EXPECT_TRUE(first.has_value());
  const auto second = co_await client.send(Call{.target = "/"});
  EXPECT_FALSE(second.has_value());
}
TEST_F(HttpClientConnection, NorIsAGetWhoseAnswerHadBegun) {
  const auto c = client();
  run({{kFine, "HTTP/1.1 200 OK\r\n"}, {kFine}}, half_an_answer(*c));
  EXPECT_EQ(connections_, 1);
}

TEST_F(HttpClientConnection, OneThatIsClosedMeanwhileIsNotUsedAgain) {
  const auto c = client();
  run({{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1"}, {kFine}, {kFine}},
      expect_bodies(*c, "POST", {"1", "hi", "hi"}));
  EXPECT_EQ(connections_, 3);
}

TEST_F(HttpClientConnection, InterimAnswersArePassedOver) {
  const auto c = client();
  run({{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kFine}},
      expect_bodies(*c, "GET", {"hi"}));
}

TEST_F(HttpClientConnection, WithoutBody) {
  const auto c = client();
  run({{"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}},
      expect_bodies(*c, "GET", {"", ""}));
  EXPECT_EQ(connections_, 1);
}

Task<void> early_bytes(TlsClient& client) {
  auto upgraded = co_await client.upgrade(Call{.target = "/", .headers = {{"Connection", "Upgrade"}}});
  EXPECT_TRUE(upgraded.has_value());
  if (!upgraded) co_return;
  const auto first = co_await upgraded->stream->read_some(3);
  EXPECT_EQ(*first, "ear");
  const auto second = co_await upgraded->stream->read_some(100);
  EXPECT_EQ(*second, "ly");
  const auto end = co_await upgraded->stream->read_some(100);
  EXPECT_EQ(*end, "");
}
TEST_F(HttpClientConnection, AnUpgradedStreamBeginsBehindTheAnswer) {
  const auto c = client();
  run({{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nearly"}}, early_bytes(*c));
}

Task<void> expect_error(TlsClient& client, std::string why) {
  const auto reply = co_await client.send(Call{.target = "/a?token=1"});
  EXPECT_FALSE(reply.has_value());
  if (reply) co_return;
  EXPECT_NE(reply.error().message().find(why), std::string::npos) << reply.error().message();
  EXPECT_EQ(reply.error().message().find("token"), std::string::npos);
}

TEST_F(HttpClientConnection, WhatIsNoAnswerIsAnError) {
  const std::string hints = "HTTP/1.1 103 Early Hints\r\n\r\n";
  std::string many;
  for (int i = 0; i < 100; ++i) many += hints;
  const std::pair<std::string, std::string> cases[] = {
      {"", "the server ended the connection without one"},
      {"HTTP/1.1 200", "it was cut off"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", "it was cut off"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "it was cut off"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "it is no HTTP/1.1"},
      {"HTTP/1.1 200 OK\r\n\r\nhi", "it does not tell where it ends"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), "it is no HTTP/1.1"},
      {"SSH-2.0-x\r\n", "it is no HTTP/1.1"},
      {many, "without end"}};
  for (const auto& [answer, why] : cases) {
    acceptor_ = tcp::acceptor(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    options_.url = "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    const auto c = client();
    run({{answer}}, expect_error(*c, why));
    io_.restart();
  }
}

TEST_F(HttpClientConnection, AServerWithoutTls) {
  options_.url.replace(0, 4, "https");
  const auto c = client();
  run({{"HTTP/1.1 400 Bad Request\r\n\r\n"}}, expect_error(*c, "TLS handshake with 127.0.0.1:"));
}

TEST_F(HttpClientConnection, ANameThatIsNone) {
  options_.url = "http://name.invalid:1";
  const auto c = client();
  run({}, expect_error(*c, "look up name.invalid"));
}

TEST_F(HttpClientConnection, AServerThatNeverAnswersTheHandshake) {
  options_.url.replace(0, 4, "https");
  options_.connect = 20ms;
  const auto c = client();
  run({{"", "", ""}}, expect_error(*c, "Connection timed out"));
}

}  // namespace
}  // namespace podwire::http
