#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "standin/dial.h"
#include "standin/server.h"

namespace podwire::standin {
namespace {

namespace asio = boost::asio;

Surroundings around(std::map<std::string, std::string, std::less<>> env = {}) {
  return {.host_name = "hello-kubernetes-1", .system = "Linux (6)", .env = std::move(env)};
}

Response ask(const Program& program, std::string_view target, std::string_view method = "GET") {
  auto request = parse_head(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nX-A: b\r\n\r\n");
  EXPECT_TRUE(request.has_value());
  request->client = "10.244.1.2:4000";
  asio::io_context io;
  auto answer = asio::co_spawn(io, program.site(*request), asio::use_future);
  io.run();
  return answer.get();
}

TEST(StandInMessage, AHeadIsRead) {
  const auto r =
      parse_head("GET /a%20b?msg=x+y%21&empty&=no HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n\r\n");
  ASSERT_TRUE(r.has_value());
  EXPECT_EQ(r->path, "/a b");
  EXPECT_EQ(r->parameter("msg"), "x y!");
  EXPECT_EQ(r->header("host"), "h");
  EXPECT_EQ(r->content_length, 12U);
  EXPECT_TRUE(r->keep_alive);
  EXPECT_FALSE(parse_head("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_FALSE(parse_head("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n")->keep_alive);
}

TEST(StandInMessage, WhatIsNoRequestIsRefused) {
  EXPECT_EQ(parse_head("\r\n\r\n").error(), 400);
  EXPECT_EQ(parse_head("GET http://x/ HTTP/1.1\r\n\r\n").error(), 400);
  EXPECT_EQ(parse_head("GET / SPDY\r\n\r\n").error(), 400);
  EXPECT_EQ(parse_head("GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n").error(), 400);
  EXPECT_EQ(parse_head("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").error(), 411);
}

TEST(StandInMessage, BrokenEscapesStayAsTheyAre) {
  EXPECT_EQ(percent_decoded("%", false), "%");
  EXPECT_EQ(percent_decoded("a%2", false), "a%2");
  EXPECT_EQ(percent_decoded("%zz+", true), "%zz ");
  EXPECT_EQ(percent_decoded("%41", false), "A");
}

TEST(StandInPrograms, HelloNamesItsPod) {
  const auto program = *hello_kubernetes({}, around());
  EXPECT_EQ(program.http_port, 8080);
  const auto page = ask(program, "/");
  EXPECT_NE(page.body.find("Hello world!"), std::string::npos);
  EXPECT_NE(page.body.find("<th>pod:</th><td>hello-kubernetes-1</td>"), std::string::npos);
  EXPECT_NE(page.body.find("<th>node:</th><td>Linux (6)</td>"), std::string::npos);
  EXPECT_EQ(page.body.find("namespace:"), std::string::npos);
  EXPECT_EQ(ask(program, "/nothing").status, 404);
  EXPECT_EQ(ask(program, "/", "POST").status, 405);
}

TEST(StandInPrograms, HelloSaysWhatItsEnvironmentSays) {
  const auto program = *hello_kubernetes({}, around({{"MESSAGE", "<b>hi</b>"},
                                                     {"PORT", "9000"},
                                                     {"KUBERNETES_NAMESPACE", "shop"},
                                                     {"KUBERNETES_NODE_NAME", "node1"}}));
  EXPECT_EQ(program.http_port, 9000);
  const auto page = ask(program, "/");
  EXPECT_NE(page.body.find("&lt;b&gt;hi&lt;/b&gt;"), std::string::npos);
  EXPECT_NE(page.body.find("<td>shop</td>"), std::string::npos);
  EXPECT_EQ(
      ask(program, "/api").body,
      R"({"message":"<b>hi</b>","namespace":"shop","pod":"hello-kubernetes-1","node":"node1","client":"10.244.1.2:4000"})"
      "\n");
  EXPECT_FALSE(hello_kubernetes({}, around({{"PORT", "0"}})).has_value());
}

TEST(StandInPrograms, NginxServesFilesAndNothingAboveThem) {
  const auto dir = testing::TempDir() + "nginx-" + std::to_string(::getpid());
  const auto welcome = *nginx({}, around({{"NGINX_ROOT", dir}}));
  EXPECT_NE(ask(welcome, "/").body.find("Welcome to nginx!"), std::string::npos);
  EXPECT_EQ(ask(welcome, "/a.css").status, 404);
  std::filesystem::create_directories(dir + "/sub");
  std::ofstream(dir + "/sub/index.html") << "below";
  std::ofstream(dir + "/a.css") << "style";
  EXPECT_EQ(ask(welcome, "/sub").body, "below");
  EXPECT_EQ(ask(welcome, "/sub/").body, "below");
  EXPECT_EQ(ask(welcome, "/a.css").content_type, "text/css");
  EXPECT_EQ(ask(welcome, "/sub/../../x").status, 400);
  EXPECT_EQ(ask(welcome, "/%2e%2e/x").status, 400);
  EXPECT_EQ(ask(welcome, "/sub/..").status, 400);
  std::filesystem::remove_all(dir);
}

TEST(StandInPrograms, HttpEchoEchoes) {
  const auto program = *http_echo({"-text=hi", "-listen=:8123"}, around());
  EXPECT_EQ(program.http_port, 8123);
  EXPECT_EQ(ask(program, "/any").body, "hi\n");
  EXPECT_FALSE(http_echo({}, around()).has_value());
}

TEST(StandInPrograms, AgnhostAnswersAsNetexec) {
  const auto program = *agnhost({"netexec", "--http-port", "8083", "--udp-port=-1"}, around());
  EXPECT_EQ(program.http_port, 8083);
  EXPECT_EQ(program.udp_port, 0);
  EXPECT_EQ(ask(program, "/hostname").body, "hello-kubernetes-1");
  EXPECT_EQ(ask(program, "/hostName").body, "hello-kubernetes-1");
  EXPECT_EQ(ask(program, "/clientip").body, "10.244.1.2:4000");
  EXPECT_EQ(ask(program, "/echo?msg=a+b&code=503").body, "a b");
  EXPECT_EQ(ask(program, "/echo?msg=a&code=503").status, 503);
  EXPECT_EQ(ask(program, "/header?key=x-a").body, "b");
  EXPECT_EQ(ask(program, "/exit?code=3").exit, 3);
  EXPECT_EQ(ask(program, "/shell?cmd=id").status, 403);
  EXPECT_EQ(ask(program, "/dial?host=h").status, 400);
  EXPECT_EQ(ask(program, "/dial?host=h&port=1&request=a%0d%0ab").status, 400);
}

TEST(StandInPrograms, AgnhostRunsCommandsOnlyWhereItIsTold) {
  const auto program = *agnhost({"netexec", "--allow-shell"}, around());
  EXPECT_EQ(ask(program, "/shell?cmd=echo+yes").body, R"({"output":"yes\n"})");
}

TEST(StandInPrograms, WhatAgnhostDoesNotHaveIsNamed) {
  EXPECT_NE(agnhost({"guestbook"}, around()).error().message().find("guestbook"), std::string::npos);
  EXPECT_NE(agnhost({"netexec", "--tls"}, around()).error().message().find("--tls"), std::string::npos);
  EXPECT_FALSE(agnhost({}, around())->site);
}

TEST(StandInPrograms, DatagramsAreAnswered) {
  EXPECT_EQ(datagram_answer("hostname\n", "web", "c"), "web");
  EXPECT_EQ(datagram_answer("echo a b", "web", "c"), "a b");
  EXPECT_EQ(datagram_answer("clientip", "web", "c"), "c");
  EXPECT_EQ(datagram_answer("", "web", "c"), "");
}

/// A running agnhost, and a client of it.
class StandInServer : public testing::Test {
 protected:
  void SetUp() override {
    program_ = *agnhost({"netexec"}, around_);
    program_.http_port = 0;
    program_.access_log = false;
    const auto started = server_.start();
    ASSERT_TRUE(started.has_value()) << started.error().message();
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  asio::ip::tcp::socket connect(const std::string& address = "127.0.0.1") {
    asio::ip::tcp::socket out(client_);
    out.connect({asio::ip::make_address(address), server_.http_port()});
    return out;
  }
  static std::string until(asio::ip::tcp::socket& socket, std::string_view end) {
    std::string out;
    boost::system::error_code ignored;
    asio::read_until(socket, asio::dynamic_buffer(out), end, ignored);
    return out;
  }
  static void send(asio::ip::tcp::socket& socket, std::string_view text) {
    asio::write(socket, asio::buffer(text));
  }

  Surroundings around_ = around();
  Program program_;
  asio::io_context io_{1}, client_;
  int exit_ = -1;
  Server server_{io_, program_, around_, [this](int status) {
                   exit_ = status;
                   io_.stop();
                 }};
  std::thread thread_;
};

TEST_F(StandInServer, OneConnectionHasManyRequests) {
  auto socket = connect();
  for (const auto* request : {"GET /echo?msg=one. HTTP/1.1\r\n\r\n",
                              "POST /echo?msg=one. HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"}) {
    send(socket, request);
    const auto answer = until(socket, "one.");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("Connection: keep-alive"), std::string::npos);
  }
  send(socket, "HEAD /echo?msg=one. HTTP/1.1\r\n\r\nGET /clientip HTTP/1.1\r\nConnection: close\r\n\r\n");
  const auto rest = until(socket, "never");
  EXPECT_NE(rest.find("127.0.0.1:" + std::to_string(socket.local_endpoint().port())), std::string::npos)
      << rest;
  EXPECT_EQ(rest.find("one."), std::string::npos);
}

TEST_F(StandInServer, TooLongAHeadIsRefused) {
  auto socket = connect();
  send(socket, "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'));
  EXPECT_TRUE(until(socket, "\r\n\r\n").starts_with("HTTP/1.1 431 "));
}

TEST_F(StandInServer, ItDialsOthers) {
  auto socket = connect();
  const auto port = std::to_string(server_.http_port());
  send(socket, "GET /dial?host=127.0.0.1&tries=2&port=" + port + " HTTP/1.1\r\nConnection: close\r\n\r\n");
  const auto answer = until(socket, "never");
  EXPECT_NE(answer.find(R"({"responses":["hello-kubernetes-1","hello-kubernetes-1"]})"), std::string::npos)
      << answer;
}

TEST_F(StandInServer, ExitEndsTheProgram) {
  auto socket = connect();
  send(socket, "GET /exit?code=4 HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(until(socket, "\r\n\r\n").starts_with("HTTP/1.1 200"));
  thread_.join();
  EXPECT_EQ(exit_, 4);
}

}  // namespace
}  // namespace podwire::standin
