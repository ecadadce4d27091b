#pragma once
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <csignal>
#include <optional>
#include <thread>

#include "base/unique_fd.h"
#include "http/server.h"
#include "http/test_ca.h"

/// For tests: a Server on a thread of its own, and a blocking client that sends what it is told to.
namespace podwire::http {

using namespace std::chrono_literals;

/// A certificate that signs itself, for server and client alike.
struct SelfSigned {
  SelfSigned() {
    EVP_PKEY* k = EVP_EC_gen("P-256");
    X509* c = X509_new();
    X509_set_version(c, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
    X509_gmtime_adj(X509_getm_notBefore(c), -3600);
    X509_gmtime_adj(X509_getm_notAfter(c), 3600);
    const auto add = [&](const char* part, const char* text) {
      X509_NAME_add_entry_by_txt(X509_get_subject_name(c), part, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(text), -1, -1, 0);
    };
    add("O", "system:masters");
    add("O", "others");
    add("CN", "alice");
    X509_set_issuer_name(c, X509_get_subject_name(c));
    X509_set_pubkey(c, k);
    X509_sign(c, k, EVP_sha256());
    certificate = pem([&](BIO* b) { return PEM_write_bio_X509(b, c); });
    key = pem([&](BIO* b) { return PEM_write_bio_PrivateKey(b, k, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(c);
    EVP_PKEY_free(k);
  }
  std::string certificate, key;
};

inline const SelfSigned& identity() {
  static const SelfSigned it;
  return it;
}

/// A TCP connection to the server, or a socket that has none yet.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(fd_.get().raw(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (port != 0) connect(port);
  }
  void connect(std::uint16_t port) const {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(raw(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  [[nodiscard]] int raw() const { return fd_.get().raw(); }

 private:
  UniqueFd fd_;
};

/// A blocking client, in the hands of the test.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, bool with_certificate = false) : socket_(port) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL to a server that has closed
    context_ = SSL_CTX_new(TLS_client_method());
    if (with_certificate) {
      BIO* c = BIO_new_mem_buf(identity().certificate.data(), -1);
      BIO* k = BIO_new_mem_buf(identity().key.data(), -1);
      X509* certificate = PEM_read_bio_X509(c, nullptr, nullptr, nullptr);
      EVP_PKEY* key = PEM_read_bio_PrivateKey(k, nullptr, nullptr, nullptr);
      SSL_CTX_use_certificate(context_, certificate);
      SSL_CTX_use_PrivateKey(context_, key);
      X509_free(certificate);
      EVP_PKEY_free(key);
      BIO_free(c);
      BIO_free(k);
    }
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_.raw());
    connected_ = SSL_connect(ssl_) == 1;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  void send(std::string_view text) { SSL_write(ssl_, text.data(), static_cast<int>(text.size())); }
  /// Nothing more will be sent.
  void finish() { SSL_shutdown(ssl_); }
  /// Reads until that text has come, or the server ends the connection.
  std::string until(std::string_view text) {
    std::string out;
    while (out.find(text) == std::string::npos) {
      char c = 0;
      if (SSL_read(ssl_, &c, 1) != 1) break;
      out += c;
    }
    return out;
  }
  std::string rest() { return until("\x01 never"); }
  bool connected_ = false;

 private:
  RawSocket socket_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
};

class HttpServer : public testing::Test {
 protected:
  /// On a port of its own, or on sockets that listen already.
  void start(std::vector<UniqueFd> sockets) { start({}, std::move(sockets)); }
  void start(Limits limits = {}, std::vector<UniqueFd> sockets = {}) {
    server_.emplace(
        io_, [this](const Request& r, Responder& out) { return handle(r, out); },
        [](int status, std::string_view why) { return std::to_string(status) + ": " + std::string(why); },
        limits);
    const ServerCertificates own{identity().certificate, identity().key, identity().certificate};
    const auto port = sockets.empty() ? server_->listen(*IpAddr::parse("127.0.0.1"), 0, own)
                                      : server_->listen(std::move(sockets), own);
    ASSERT_TRUE(port.has_value()) << port.error().message();
    port_ = *port;
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    if (!thread_.joinable()) return;
    boost::asio::post(io_, [this] { server_->stop(); });
    thread_.join();
  }

  Task<void> handle(const Request& r, Responder& out) {
    const auto path = r.target.path();
    if (path == "/stream") {
      co_await out.begin(200, {{"Content-Type", "text/plain"}});
      for (int i = 0; i < 3; ++i) co_await out.write("piece " + std::to_string(i) + "\n");
      co_await out.end();
    } else if (path == "/wait") {
      co_await out.begin(200, {});
      co_await out.write("begun\n");
      while (!out.gone()) co_await out.wait(60s);
      gone_ = true;
    } else if (path == "/upgrade") {
      auto stream = co_await out.upgrade({{"Connection", "Upgrade"}, {"Upgrade", "echo"}});
      auto piece = co_await (*stream)->read_some(100);
      const auto written = co_await (*stream)->write_all("heard " + *piece);
      EXPECT_TRUE(written.has_value());
    } else if (path == "/silent") {
      co_return;
    } else if (path == "/throw") {
      throw std::runtime_error("a bug");
    } else {
      co_await out.send(200, {{"X-Peer", r.peer.common_name}},
                        r.method + " " + path + " " + std::string(r.header("x-test")) + " " + r.body + " " +
                            (r.peer.organizations.empty() ? "-" : r.peer.organizations.back()));
    }
  }

  boost::asio::io_context io_{1};
  std::optional<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
  std::atomic<bool> gone_ = false;
};

}  // namespace podwire::http
