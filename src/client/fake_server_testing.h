#pragma once
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/fake_clock_testing.h"
#include "http/client.h"

namespace podwire::client {

/// What a scripted server does next in the middle of an answer.
struct Act {
  enum class Kind { bytes, cut, stall, end } kind = Kind::end;
  std::string text;
};
inline Act bytes(std::string text) { return {Act::Kind::bytes, std::move(text)}; }
inline Act line(std::string text) { return bytes(std::move(text) + "\n"); }
inline Act cut() { return {Act::Kind::cut, {}}; }      ///< the connection is reset
inline Act stall() { return {Act::Kind::stall, {}}; }  ///< nothing comes, for longer than the client waits
inline Act end() { return {Act::Kind::end, {}}; }      ///< the answer ends as it should

/// One answer, whole or in acts. What has no acts left says nothing any more, until it is cancelled.
struct Scripted {
  bool reached = true;
  int status = 200;
  http::Headers headers;
  std::vector<Act> acts;
};
inline Scripted unreachable() { return {.reached = false}; }
inline Scripted answer(int status, std::string body, http::Headers headers = {}) {
  return {.status = status, .headers = std::move(headers), .acts = {bytes(std::move(body)), end()}};
}
inline Scripted stream(std::vector<Act> acts) { return {.acts = std::move(acts)}; }

/// A server in the hands of a test: gives its answers in the order of the script, whatever is asked, and
/// remembers what that was. After the end of the script it does not answer any more.
class FakeServer final : public http::Client {
 public:
  explicit FakeServer(FakeClock& clock) : clock_(clock) {}

  FakeServer& then(Scripted answer) {
    script_.push_back(std::move(answer));
    return *this;
  }

  Task<Result<http::Reply>> send(http::Call call) override {
    auto opened = co_await open(std::move(call));
    if (!opened) co_return std::unexpected(opened.error());
    auto& incoming = static_cast<Answer&>(**opened);
    http::Reply out{.status = incoming.status(), .headers = incoming.script.headers};
    for (;;) {
      const auto piece = co_await incoming.read(std::chrono::seconds(30));
      if (!piece) co_return std::unexpected(piece.error());
      if (piece->empty()) co_return out;
      out.body += *piece;
    }
  }

  Task<Result<std::unique_ptr<http::Incoming>>> open(http::Call call) override {
    calls.push_back(std::move(call));
    co_await boost::asio::post(boost::asio::use_awaitable);
    if (script_.empty()) co_await never();
    auto next = std::move(script_.front());
    script_.pop_front();
    if (!next.reached) co_return fail("connect", "192.0.2.1:6443", ECONNREFUSED);
    co_return std::make_unique<Answer>(*this, std::move(next));
  }

  std::vector<http::Call> calls;
  std::vector<std::chrono::milliseconds> patience;  ///< of each read
  int open_answers = 0;                             ///< that nobody has destroyed yet

 private:
  struct Answer final : http::Incoming {
    Answer(FakeServer& from, Scripted what) : server(from), script(std::move(what)) { ++server.open_answers; }
    ~Answer() override { --server.open_answers; }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    [[nodiscard]] int status() const override { return script.status; }
    [[nodiscard]] std::string_view header(std::string_view name) const override {
      for (const auto& [key, value] : script.headers)
        if (http::same_name(key, name)) return value;
      return {};
    }
    Task<Result<std::string>> read(std::chrono::milliseconds at_most) override {
      server.patience.push_back(at_most);
      co_await boost::asio::post(boost::asio::use_awaitable);
      if (next == script.acts.size()) co_await never();
      const auto& act = script.acts[next++];
      switch (act.kind) {
        case Act::Kind::bytes:
          co_return act.text;
        case Act::Kind::cut:
          co_return fail("read answer", "192.0.2.1:6443", ECONNRESET);
        case Act::Kind::stall:
          server.clock_.advance(at_most);
          co_return fail("read answer", "192.0.2.1:6443", ETIMEDOUT);
        case Act::Kind::end:
          break;
      }
      co_return std::string();
    }

    FakeServer& server;
    Scripted script;
    std::size_t next = 0;
  };

  static Task<void> never() {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, boost::asio::steady_timer::time_point::max());
    co_await timer.async_wait(boost::asio::use_awaitable);
  }

  FakeClock& clock_;
  std::deque<Scripted> script_;
};

}  // namespace podwire::client
