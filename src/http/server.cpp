#include "http/server.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unordered_set>

#include "http/connection.h"

namespace podwire::http {
namespace {

namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kSweep{1};

int choose_http1(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
                 unsigned in_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, kOurs, sizeof kOurs - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<> configure(asio::ssl::context& tls, const ServerCertificates& given) {
  boost::system::error_code error;
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                  asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                  asio::ssl::context::no_tlsv1_1);
  tls.use_certificate_chain(asio::buffer(given.chain), error);
  if (error) return fail("use certificate", "of the server", 0, error.message());
  tls.use_private_key(asio::buffer(given.key), asio::ssl::context::pem, error);
  if (error) return fail("use private key", "of the server", 0, error.message());
  if (!given.client_ca.empty()) {
    tls.add_certificate_authority(asio::buffer(given.client_ca), error);
    if (error) return fail("use certificate", "of the CA for clients", 0, error.message());
    tls.set_verify_mode(asio::ssl::verify_peer, error);
  }
  // Sessions are of no use to clients that keep their connections, and cost memory.
  SSL_CTX_set_session_cache_mode(tls.native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(tls.native_handle(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(tls.native_handle(), 0);
  SSL_CTX_set_mode(tls.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(tls.native_handle(), choose_http1, nullptr);
  return {};
}

}  // namespace

class Server::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(asio::io_context& io, Handler handler, Complain complain, Limits limits)
      : io_(io),
        handler_(std::move(handler)),
        complain_(std::move(complain)),
        limits_(limits),
        acceptor_(io),
        sweeper_(io) {}

  Result<std::uint16_t> listen(IpAddr address, std::uint16_t port, const ServerCertificates& certificates) {
    TRY(configure(tls_, certificates));
    const asio::ip::tcp::endpoint end(asio::ip::make_address(address.str()), port);
    boost::system::error_code error;
    acceptor_.open(end.protocol(), error);
    if (!error) acceptor_.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(end, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail("listen on", fmt::format("{} port {}", address.str(), port), error.value());
    asio::co_spawn(io_, accept(shared_from_this()), asio::detached);
    asio::co_spawn(io_, sweep(shared_from_this()), asio::detached);
    return acceptor_.local_endpoint().port();
  }

  void stop() {
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    sweeper_.cancel();
    for (auto* connection : std::vector(connections_.begin(), connections_.end())) connection->stop();
  }

  void close() {
    for (auto* connection : std::vector(connections_.begin(), connections_.end())) connection->close();
  }

  [[nodiscard]] std::size_t connections() const { return connections_.size(); }

 private:
  static Task<void> accept(std::shared_ptr<Core> self) {
    while (!self->stopping_) {
      auto [error, socket] = co_await self->acceptor_.async_accept(kTuple);
      if (error == asio::error::operation_aborted) break;
      if (error) {  // out of descriptors, most likely: some will come back
        asio::steady_timer pause(self->io_, std::chrono::milliseconds(100));
        [[maybe_unused]] const auto [ignored] = co_await pause.async_wait(kTuple);
        continue;
      }
      auto connection = std::make_shared<Connection>(std::move(socket), self->tls_, self->limits_,
                                                     self->handler_, self->complain_);
      if (self->connections_.size() >= self->limits_.connections) connection->refuse_service();
      asio::co_spawn(self->io_, serve(self, std::move(connection)), asio::detached);
    }
  }

  static Task<void> serve(std::shared_ptr<Core> self, std::shared_ptr<Connection> connection) {
    self->connections_.insert(connection.get());
    co_await connection->serve();
    self->connections_.erase(connection.get());
  }

  static Task<void> sweep(std::shared_ptr<Core> self) {
    while (!self->stopping_) {
      self->sweeper_.expires_after(kSweep);
      [[maybe_unused]] const auto [error] = co_await self->sweeper_.async_wait(kTuple);
      const auto now = Clock::now();
      for (auto* connection : std::vector(self->connections_.begin(), self->connections_.end()))
        connection->check(now);
    }
  }

  asio::io_context& io_;
  Handler handler_;
  Complain complain_;
  Limits limits_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer sweeper_;
  std::unordered_set<Connection*> connections_;
  bool stopping_ = false;
};

Server::Server(asio::io_context& io, Handler handler, Complain complain, Limits limits)
    : core_(std::make_shared<Core>(io, std::move(handler), std::move(complain), limits)) {}
Server::~Server() {
  try {
    core_->stop();
  } catch (...) {  // out of memory: the connections then end with the io_context
  }
}
Result<std::uint16_t> Server::listen(IpAddr address, std::uint16_t port,
                                     const ServerCertificates& certificates) {
  return core_->listen(address, port, certificates);
}
void Server::stop() { core_->stop(); }
void Server::close() { core_->close(); }
std::size_t Server::connections() const { return core_->connections(); }

}  // namespace podwire::http
