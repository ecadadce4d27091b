#include "dns/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "base/unique_fd.h"
#include "dns/zone_testing.h"

namespace podwire::dns::test {
namespace {

namespace asio = boost::asio;

/// A blocking socket on 127.0.0.1 or ::1; what does not come in 10 seconds never comes.
class Peer {
 public:
  explicit Peer(int type, Family family = Family::v4)
      : family_(family), fd_(::socket(static_cast<int>(family), type | SOCK_CLOEXEC, 0)) {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_.raw(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  std::uint16_t bind() {
    with_address(0, [&](const sockaddr* at, socklen_t size) { return ::bind(fd_.raw(), at, size); });
    sockaddr_storage mine{};
    socklen_t size = sizeof(mine);
    ::getsockname(fd_.raw(), reinterpret_cast<sockaddr*>(&mine), &size);
    return ntohs(reinterpret_cast<sockaddr_in&>(mine).sin_port);
  }
  bool connect(std::uint16_t port) {
    return with_address(port,
                        [&](const sockaddr* at, socklen_t size) { return ::connect(fd_.raw(), at, size); });
  }
  void send(const std::string& bytes) const { ::send(fd_.raw(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  std::string receive() {
    std::string out(65536, '\0');
    size_ = sizeof(from_);
    const auto got =
        ::recvfrom(fd_.raw(), out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&from_), &size_);
    out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return out;
  }
  /// To whom the last datagram came from.
  void answer(const std::string& bytes) const {
    ::sendto(fd_.raw(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&from_), size_);
  }
  std::string exactly(std::size_t size) {
    std::string out(size, '\0');
    const auto got = ::recv(fd_.raw(), out.data(), size, MSG_WAITALL);
    out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return out;
  }

 private:
  template <class Do>
  bool with_address(std::uint16_t port, Do what) {
    const sockaddr_in v4{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const sockaddr_in6 v6{.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
    return (family_ == Family::v4 ? what(reinterpret_cast<const sockaddr*>(&v4), sizeof(v4))
                                  : what(reinterpret_cast<const sockaddr*>(&v6), sizeof(v6))) == 0;
  }
  Family family_;
  UniqueFd fd_;
  sockaddr_storage from_{};
  socklen_t size_ = 0;
};

class ServerTest : public testing::Test {
 protected:
  Zone zone_{name("cluster.local"), {addr("10.96.0.10")}};

  void SetUp() override { zone_.set(service("default", "web", {addr("10.96.1.1"), addr("fd96::1")})); }

  void start(std::vector<Upstream> upstreams = {}, Limits limits = {}, const char* at = "127.0.0.1") {
    server_ = std::make_unique<Server>(io_, zone_, std::move(upstreams), limits);
    const auto port = server_->listen(addr(at), 0);
    ASSERT_TRUE(port) << port.error().message();
    port_ = *port;
    server_->serve();
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    if (!server_) return;
    asio::co_spawn(io_, server_->stop(), asio::use_future).get();
    EXPECT_FALSE(Peer(SOCK_STREAM).connect(port_)) << "it still listens";
    asio::post(io_, [this] { io_.stop(); });
    thread_.join();
    server_.reset();
  }

  static std::string query(std::string_view text, Type type = Type::a) {
    return encode(Question{name(text), type}, 7);
  }
  std::string ask(const std::string& query, Family family = Family::v4) const {
    Peer client(SOCK_DGRAM, family);
    client.connect(port_);
    client.send(query);
    return client.receive();
  }
  static unsigned code(const std::string& reply) { return reply.size() < 12 ? 99U : reply[3] & 15U; }
  static unsigned records(const std::string& reply) {
    return reply.size() < 12 ? 99U : static_cast<unsigned char>(reply[7]);
  }
  static std::string framed(const std::string& message) {
    return std::string{static_cast<char>(message.size() >> 8U), static_cast<char>(message.size() & 255U)} +
           message;
  }
  static std::string next(Peer& client) {
    const auto length = client.exactly(2);
    if (length.size() < 2) return {};
    return client.exactly(static_cast<unsigned char>(length[0]) * 256U +
                          static_cast<unsigned char>(length[1]));
  }
  /// What another server would say: the question, and one address.
  static std::string resolved(std::string query) {
    query.resize(query.size() - 11);  // without our EDNS
    query[2] = static_cast<char>(0x81);
    query[7] = 1;
    query[11] = 0;
    return query + std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc6\x33\x64\1", 16);
  }

  std::uint16_t port_ = 0;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST_F(ServerTest, AnswersOverUdp) {
  start();
  const auto reply = ask(query("web.default.svc.cluster.local"));
  EXPECT_EQ(records(reply), 1U);
  EXPECT_NE(reply.find(std::string("\x0a\x60\1\1", 4)), std::string::npos);
  EXPECT_EQ(code(ask(query("none.default.svc.cluster.local"))), 3U);
  EXPECT_EQ(code(ask("\1\2\1" + std::string(9, 'x'))), 1U);
}

TEST_F(ServerTest, AnswersOverIpv6) {
  start({}, {}, "::1");
  EXPECT_EQ(records(ask(query("web.default.svc.cluster.local", Type::aaaa), Family::v6)), 1U);
}

TEST_F(ServerTest, AnswersOneQuestionAfterTheOtherOverTcp) {
  start();
  Peer client(SOCK_STREAM);
  ASSERT_TRUE(client.connect(port_));
  const auto question = framed(query("web.default.svc.cluster.local"));
  client.send(question.substr(0, 1));
  client.send(question.substr(1) + question);
  EXPECT_EQ(records(next(client)), 1U);
  EXPECT_EQ(records(next(client)), 1U);
  client.send(framed(query("none.default.svc.cluster.local")));
  EXPECT_EQ(code(next(client)), 3U);
}

TEST_F(ServerTest, WhatIsTooLongForUdpGoesOverTcp) {
  std::vector<kube::Endpoint> many;
  for (unsigned i = 0; i < 200; ++i)
    many.push_back(endpoint(IpAddr::from_value(Family::v4, 0x0af40000 + i).str()));
  zone_.set(service("db", "pg", {}));
  zone_.set(slice("db", "pg-1", "pg", std::move(many)));
  start();
  const auto cut = ask(query("pg.db.svc.cluster.local"));
  EXPECT_TRUE((cut[2] & 2) != 0);
  EXPECT_LE(cut.size(), 1232U);
  Peer client(SOCK_STREAM);
  client.connect(port_);
  client.send(framed(query("pg.db.svc.cluster.local")));
  EXPECT_EQ(records(next(client)), 200U);
}

TEST_F(ServerTest, EveryAddressComesFirstInItsTurn) {
  zone_.set(service("db", "pg", {}));
  zone_.set(
      slice("db", "pg-1", "pg", {endpoint("10.244.0.1"), endpoint("10.244.0.2"), endpoint("10.244.0.3")}));
  start();
  std::set<std::string> first;
  for (int i = 0; i < 3; ++i) first.insert(ask(query("pg.db.svc.cluster.local")));
  EXPECT_EQ(first.size(), 3U);
}

TEST_F(ServerTest, AnIdleConnectionIsClosed) {
  start({}, {.idle = std::chrono::milliseconds(20)});
  Peer client(SOCK_STREAM);
  client.connect(port_);
  EXPECT_EQ(client.exactly(1), "");
}

TEST_F(ServerTest, AClientHasSoManyConnections) {
  start({}, {.connections_each = 1});
  Peer first(SOCK_STREAM), second(SOCK_STREAM);
  ASSERT_TRUE(first.connect(port_));
  first.send(framed(query("web.default.svc.cluster.local")));
  EXPECT_EQ(records(next(first)), 1U);
  ASSERT_TRUE(second.connect(port_));
  EXPECT_EQ(second.exactly(1), "");
  first.send(framed(query("web.default.svc.cluster.local")));
  EXPECT_EQ(records(next(first)), 1U);
}

TEST_F(ServerTest, WhatIsNotOursIsForwarded) {
  Peer upstream(SOCK_DGRAM);
  start({{addr("127.0.0.1"), upstream.bind()}});
  Peer client(SOCK_DGRAM);
  client.connect(port_);
  client.send(query("www.example.com"));
  const auto asked = upstream.receive();
  EXPECT_EQ(asked.substr(2), query("www.example.com").substr(2));
  auto forged = resolved(asked);
  forged[0] = static_cast<char>(forged[0] + 1);
  upstream.answer(forged);  // another id: not for us
  upstream.answer(resolved(asked));
  const auto reply = client.receive();
  EXPECT_EQ(reply.substr(0, 2), query("www.example.com").substr(0, 2));
  EXPECT_TRUE(reply.ends_with(std::string("\xc6\x33\x64\1", 4)));
}

TEST_F(ServerTest, AnExternalNameIsResolved) {
  zone_.set(external("default", "away", "www.example.com"));
  Peer upstream(SOCK_DGRAM);
  start({{addr("127.0.0.1"), upstream.bind()}});
  Peer client(SOCK_DGRAM);
  client.connect(port_);
  client.send(query("away.default.svc.cluster.local"));
  const auto asked = upstream.receive();
  EXPECT_EQ(asked.substr(12), query("www.example.com").substr(12));
  upstream.answer(resolved(asked));
  EXPECT_EQ(records(client.receive()), 2U);
}

TEST_F(ServerTest, ASilentUpstreamGivesWayToTheNext) {
  Peer silent(SOCK_DGRAM), good(SOCK_DGRAM);
  start({{addr("127.0.0.1"), silent.bind()}, {addr("127.0.0.1"), good.bind()}},
        {.patience = std::chrono::milliseconds(30)});
  Peer client(SOCK_DGRAM);
  client.connect(port_);
  client.send(query("www.example.com"));
  (void)silent.receive();
  good.answer(resolved(good.receive()));
  EXPECT_EQ(records(client.receive()), 1U);
}

TEST_F(ServerTest, NoAnswerFromAnybodyIsServerFailure) {
  Peer silent(SOCK_DGRAM);
  start({{addr("127.0.0.1"), silent.bind()}}, {.patience = std::chrono::milliseconds(10)});
  EXPECT_EQ(code(ask(query("www.example.com"))), 2U);
}

TEST_F(ServerTest, WithoutUpstreamsTheRestIsRefused) {
  start();
  EXPECT_EQ(code(ask(query("www.example.com"))), 5U);
}

TEST_F(ServerTest, WhoAsksForMoreThanHisShareIsToldSo) {
  Peer upstream(SOCK_DGRAM);
  start({{addr("127.0.0.1"), upstream.bind()}}, {.forwarded_each = 1});
  Peer client(SOCK_DGRAM);
  client.connect(port_);
  client.send(query("one.example.com"));
  const auto asked = upstream.receive();
  EXPECT_EQ(code(ask(query("two.example.com"))), 2U);
  upstream.answer(resolved(asked));
  EXPECT_EQ(records(client.receive()), 1U);
}

TEST_F(ServerTest, ListensOnAnAddressThatIsNotThereYet) {
  asio::io_context io;
  Server server(io, zone_, {});
  EXPECT_TRUE(server.listen(addr("192.0.2.53"), 0));
  EXPECT_TRUE(server.listen(addr("2001:db8::53"), 0));
}

TEST_F(ServerTest, APortThatIsTakenIsSaidToBe) {
  start();
  asio::io_context io;
  Server second(io, zone_, {});
  const auto refused = second.listen(addr("127.0.0.1"), port_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().sys_errno, EADDRINUSE);
}

}  // namespace
}  // namespace podwire::dns::test
