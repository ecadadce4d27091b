#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "http/client_fixture.h"

namespace podwire::http {
namespace {

namespace asio = boost::asio;

Task<void> echo(std::unique_ptr<Duplex> stream) {
  for (;;) {
    auto piece = co_await stream->read_some(100);
    if (!piece || piece->empty()) co_return;
    const auto written = co_await stream->write_all(std::move(*piece));
    if (!written) co_return;
  }
}

class HttpUpgrade : public HttpTlsClient {
 protected:
  Task<void> handle(const Request& r, Responder& out) override {
    const auto path = r.target.path();
    if (path == "/refused") {
      co_await out.send(403, {}, "no such door");
      co_return;
    }
    auto stream = co_await out.upgrade({{"Connection", "Upgrade"}, {"Upgrade", "echo"}});
    if (!stream) co_return;
    if (path == "/detached") {
      asio::co_spawn(io_, echo(std::move(*stream)), asio::detached);
    } else if (path == "/closed") {
      const auto written = co_await (*stream)->write_all("bye");
      EXPECT_TRUE(written.has_value());
    } else {
      co_await echo(std::move(*stream));
    }
  }
};

const Headers kAsked{{"Connection", "Upgrade"}, {"Upgrade", "echo"}};

Task<std::string> exactly(Duplex& stream, std::size_t size) {
  std::string out;
  while (out.size() < size) {
    const auto piece = co_await stream.read_some(size - out.size());
    if (!piece || piece->empty()) break;
    out += *piece;
  }
  co_return out;
}

Task<void> write(Duplex& stream, std::string text, bool& done) {
  const auto written = co_await stream.write_all(std::move(text));
  done = written.has_value();
}

Task<void> talk(asio::io_context& io, TlsClient& client, const char* target) {
  auto upgraded = co_await client.upgrade(Call{.target = target, .headers = kAsked});
  EXPECT_TRUE(upgraded.has_value()) << upgraded.error().message();
  if (!upgraded) co_return;
  EXPECT_EQ(upgraded->reply.header("Upgrade"), "echo");
  auto& stream = *upgraded->stream;
  for (const char* word : {"one", "two"}) {
    const auto written = co_await stream.write_all(word);
    EXPECT_TRUE(written.has_value());
    const auto heard = co_await exactly(stream, 3);
    EXPECT_EQ(heard, word);
  }
  // More than sockets hold: both directions flow at once.
  bool done = false;
  const std::string much(2'000'000, 'm');
  asio::co_spawn(io, write(stream, much, done), asio::detached);
  const auto back = co_await exactly(stream, much.size());
  EXPECT_EQ(back, much);
  EXPECT_TRUE(done);
}
TEST_F(HttpUpgrade, BytesGoBothWays) {
  start();
  const auto c = client();
  run(talk(io_, *c, "/echo"));
}

TEST_F(HttpUpgrade, TheStreamMayOutliveTheHandler) {
  start();
  const auto c = client();
  run(talk(io_, *c, "/detached"));
}

Task<void> closed(TlsClient& client) {
  auto upgraded = co_await client.upgrade(Call{.target = "/closed", .headers = kAsked});
  auto& stream = *upgraded->stream;
  const auto all = co_await exactly(stream, 100);
  EXPECT_EQ(all, "bye");
}
TEST_F(HttpUpgrade, EndsWhenTheHandlerLetsGo) {
  start();
  const auto c = client();
  run(closed(*c));
}

Task<void> refused(TlsClient& client) {
  const auto upgraded = co_await client.upgrade(Call{.target = "/refused", .headers = kAsked});
  EXPECT_EQ(upgraded->reply.status, 403);
  EXPECT_EQ(upgraded->reply.body, "no such door");
  EXPECT_EQ(upgraded->stream, nullptr);
}
TEST_F(HttpUpgrade, ARefusalSaysWhy) {
  start();
  const auto c = client();
  run(refused(*c));
}

Task<void> stopped(TlsClient& client, Server& server) {
  auto upgraded = co_await client.upgrade(Call{.target = "/detached", .headers = kAsked});
  auto& stream = *upgraded->stream;
  server.stop();
  const auto rest = co_await exactly(stream, 1);
  EXPECT_EQ(rest, "");
}
TEST_F(HttpUpgrade, EndsWithTheServersStop) {
  start();
  const auto c = client();
  run(stopped(*c, *server_));
}

}  // namespace
}  // namespace podwire::http
