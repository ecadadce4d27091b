#include "http/local_client.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <exception>

namespace podwire::http {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

class HttpLocalClient : public testing::Test {
 protected:
  Task<void> handle(const Request& r, Responder& out) {
    const auto path = r.target.path();
    if (path == "/stream") {
      co_await out.begin(200, {{"Content-Type", "text/plain"}});
      for (int i = 0; i < 10; ++i) {
        const bool taken = co_await out.write("piece " + std::to_string(i) + "\n");
        written_ += taken ? 1 : 0;
      }
      co_await out.end();
    } else if (path == "/wait") {
      co_await out.begin(200, {});
      co_await out.write("begun\n");
      while (!out.gone()) co_await out.wait(1h);
    } else if (path == "/never") {
      while (!out.gone()) co_await out.wait(1h);
    } else if (path == "/cut") {
      co_await out.begin(200, {});
      co_await out.write("half");
    } else if (path == "/throw") {
      throw std::runtime_error("a bug");
    } else if (path != "/silent") {
      co_await out.send(201, {{"X-Peer", r.peer.common_name}}, r.method + " " + path + " " + r.body);
    }
  }

  /// Runs until nothing is left to do.
  void run(Task<void> test) {
    asio::co_spawn(io_, std::move(test), [](const std::exception_ptr& e) {
      if (e) std::rethrow_exception(e);
    });
    io_.run();
    io_.restart();
    EXPECT_EQ(client_.calls(), 0U);
  }

  asio::io_context io_{1};
  LocalClient client_{
      io_, [this](const Request& r, Responder& out) { return handle(r, out); },
      [](int status, std::string_view why) { return std::to_string(status) + ": " + std::string(why); },
      Peer{.common_name = "controller"}, 16};
  int written_ = 0;
};

Task<void> whole_answers(LocalClient& client) {
  Call call{.method = "POST", .target = "/a%20b?x=y", .headers = {{"X", "1"}}, .body = "hi"};
  const auto reply = co_await client.send(call);
  EXPECT_EQ(reply->status, 201);
  EXPECT_EQ(reply->header("x-peer"), "controller");
  EXPECT_EQ(reply->body, "POST /a b hi");
  call.method = "HEAD";
  const auto head = co_await client.send(call);
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(head->header("content-length"), "12");
}
TEST_F(HttpLocalClient, WholeAnswers) { run(whole_answers(client_)); }

Task<void> refusals(LocalClient& client) {
  const std::pair<std::string, std::string> cases[] = {
      {"/silent", "500: the request was not answered"}, {"/throw", "500: a bug"}, {"nowhere", "400: "}};
  for (const auto& [target, body] : cases) {
    Call call{.target = target};
    const auto reply = co_await client.send(call);
    EXPECT_EQ(reply->status, std::stoi(body));
    EXPECT_TRUE(reply->body.starts_with(body)) << reply->body;
    auto incoming = co_await client.open(call);
    EXPECT_EQ((*incoming)->status(), std::stoi(body));
  }
}
TEST_F(HttpLocalClient, WhatHasNoAnswerIsRefusedAsOverTheNetwork) { run(refusals(client_)); }

Task<void> slow_reader(asio::io_context& io, LocalClient& client, const int& written) {
  Call call{.target = "/stream"};
  auto incoming = co_await client.open(call);
  for (int i = 0; i < 100; ++i) co_await asio::post(io, asio::use_awaitable);
  EXPECT_EQ(written, 2);  // 16 bytes
  std::string all;
  for (;;) {
    const auto piece = co_await (*incoming)->read(1h);
    if (!piece || piece->empty()) break;
    all += *piece;
  }
  EXPECT_EQ(written, 10);
  EXPECT_EQ(all.size(), 80U);
  EXPECT_TRUE(all.ends_with("piece 9\n"));
  const auto reply = co_await client.send(call);
  EXPECT_EQ(reply->body, all);
}
TEST_F(HttpLocalClient, ASlowReaderMakesTheWriterWait) { run(slow_reader(io_, client_, written_)); }

Task<void> reader_leaves(LocalClient& client) {
  for (const char* target : {"/stream", "/wait"}) {
    Call call{.target = target};
    auto incoming = co_await client.open(call);
    EXPECT_EQ((*incoming)->status(), 200);
  }
}
TEST_F(HttpLocalClient, AHandlerEndsWhenItsReaderLeaves) {
  run(reader_leaves(client_));  // or never returns
  EXPECT_LT(written_, 10);
}

Task<void> cut_off(LocalClient& client) {
  Call call{.target = "/cut"};
  auto incoming = co_await client.open(call);
  const auto half = co_await (*incoming)->read(1h);
  EXPECT_EQ(*half, "half");
  const auto rest = co_await (*incoming)->read(1h);
  EXPECT_FALSE(rest.has_value());
  const auto reply = co_await client.send(call);
  EXPECT_FALSE(reply.has_value());
}
TEST_F(HttpLocalClient, AnAnswerWithoutItsEndIsAnError) { run(cut_off(client_)); }

Task<void> stop(LocalClient& client) {
  Call call{.target = "/wait"};
  auto incoming = co_await client.open(call);
  const auto begun = co_await (*incoming)->read(1h);
  EXPECT_EQ(*begun, "begun\n");
  client.stop();
  const auto end = co_await (*incoming)->read(1h);
  EXPECT_FALSE(end.has_value());
  const auto after_it = co_await client.send(call);
  EXPECT_FALSE(after_it.has_value());
}
TEST_F(HttpLocalClient, StopEndsStreams) { run(stop(client_)); }

Task<void> patience(LocalClient& client) {
  Call call{.target = "/wait"};
  auto incoming = co_await client.open(call);
  const auto begun = co_await (*incoming)->read(1h);
  EXPECT_TRUE(begun.has_value());
  const auto late = co_await (*incoming)->read(1ms);
  EXPECT_EQ(late.error().sys_errno, ETIMEDOUT);
}
TEST_F(HttpLocalClient, ReadingWaitsAsLongAsItWasTold) { run(patience(client_)); }

Task<void> forever(LocalClient& client, const char* target) {
  Call call{.target = target};
  const auto reply = co_await client.send(call);
  ADD_FAILURE() << "ended by itself";
}
TEST_F(HttpLocalClient, ACancelledCallIsGivenBack) {
  for (const char* target : {"/never", "/wait"}) {
    asio::cancellation_signal signal;
    std::exception_ptr how;
    asio::co_spawn(
        io_, forever(client_, target),
        asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) { how = std::move(e); }));
    io_.poll();
    EXPECT_EQ(client_.calls(), 1U);
    signal.emit(asio::cancellation_type::terminal);
    io_.run();  // or never returns
    io_.restart();
    EXPECT_TRUE(how != nullptr);
    EXPECT_EQ(client_.calls(), 0U);
  }
}

}  // namespace
}  // namespace podwire::http
