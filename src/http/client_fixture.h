#pragma once
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <map>
#include <optional>

#include "http/server.h"
#include "http/test_ca.h"
#include "http/tls_client.h"

/// For tests: a Server and its clients in one io_context.
namespace podwire::http {

using namespace std::chrono_literals;

class HttpTlsClient : public testing::Test {
 protected:
  static const TestCa& ca() {
    static const TestCa it;
    return it;
  }

  void start(const std::string& names = "DNS:localhost,IP:127.0.0.1,IP:::1",
             const std::string& address = "127.0.0.1", Limits limits = {}, long valid_for = 3600) {
    const auto own = ca().sign("server", names, valid_for);
    server_.emplace(
        io_, [this](const Request& r, Responder& out) { return handle(r, out); },
        [](int status, std::string_view why) { return std::to_string(status) + ": " + std::string(why); },
        limits);
    const auto port =
        server_->listen(*IpAddr::parse(address), 0, {own.certificate, own.key, ca().certificate()});
    ASSERT_TRUE(port.has_value()) << port.error().message();
    port_ = *port;
    options_.url =
        "https://" + (address.contains(':') ? "[" + address + "]" : address) + ":" + std::to_string(port_);
    options_.ca = ca().certificate();
  }

  std::unique_ptr<TlsClient> client() {
    auto out = TlsClient::make(io_, options_);
    EXPECT_TRUE(out.has_value()) << out.error().message();
    return out ? std::move(*out) : nullptr;
  }

  /// Runs that, then stops the server, and waits until nothing is left.
  void run(Task<void> test) {
    boost::asio::co_spawn(io_, std::move(test), [this](const std::exception_ptr& e) {
      if (server_) server_->stop();
      if (e) std::rethrow_exception(e);
    });
    io_.run();
    if (server_) EXPECT_EQ(server_->connections(), 0U);
  }

  virtual Task<void> handle(const Request& r, Responder& out) {
    const auto path = r.target.path();
    ++asked_[path];
    if (path == "/stream") {
      co_await out.begin(200, {{"Content-Type", "text/plain"}});
      for (int i = 0; i < 1000; ++i) {
        auto piece = "piece " + std::to_string(i) + "\n";
        co_await out.write(std::move(piece));
      }
      co_await out.end();
    } else if (path == "/wait" || path == "/cut") {
      co_await out.begin(200, {});
      co_await out.write("begun\n");
      while (path == "/wait" && !out.gone()) co_await out.wait(1h);
    } else if (path == "/never") {
      while (!out.gone()) co_await out.wait(1ms);
    } else if (path == "/large") {
      co_await out.send(200, {}, std::string(1 << 20, 'x'));
    } else {
      auto body = r.method + " " + path + " " + r.body;
      co_await out.send(200,
                        {{"X-Peer", r.peer.common_name},
                         {"X-Token", std::string(r.header("Authorization"))},
                         {"X-Host", std::string(r.header("Host"))}},
                        std::move(body));
    }
  }

  boost::asio::io_context io_{1};
  std::optional<Server> server_;
  std::uint16_t port_ = 0;
  TlsClient::Options options_;
  std::map<std::string, int> asked_;
};

}  // namespace podwire::http
