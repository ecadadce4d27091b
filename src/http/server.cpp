#include "http/server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unordered_set>

#include "base/descriptor_limit.h"
#include "base/log.h"
#include "http/connection.h"
#include "http/tls_transport.h"

namespace podwire::http {
namespace {

namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kSweep{1};
constexpr std::chrono::milliseconds kAcceptPause{100};

// For all that is no connection: files, the store, connections to others, those that are told to go.
constexpr std::size_t kOtherDescriptors = 256;
// Of the connections above the limit, so many at a time are told so: that costs them a handshake each.
constexpr std::size_t kRefusedAtOnce = 64;

}  // namespace

std::size_t connections_within(std::size_t descriptors) {
  return descriptors - std::min(descriptors / 2, kOtherDescriptors);
}

class Server::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(asio::io_context& io, Handler handler, Complain complain, Limits limits)
      : io_(io),
        handler_(std::move(handler)),
        complain_(std::move(complain)),
        limits_(limits),
        sweeper_(io) {}

  Result<std::uint16_t> listen(IpAddr address, std::uint16_t port, const ServerCertificates& certificates) {
    const asio::ip::tcp::endpoint end(asio::ip::make_address(address.str()), port);
    asio::ip::tcp::acceptor acceptor(io_);
    boost::system::error_code error;
    acceptor.open(end.protocol(), error);
    if (!error) acceptor.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(end, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail("listen on", fmt::format("{} port {}", address.str(), port), error.value());
    acceptors_.push_back(std::move(acceptor));
    return serve(certificates);
  }

  Result<std::uint16_t> listen(std::vector<UniqueFd> sockets, const ServerCertificates& certificates) {
    for (auto& socket : sockets) {
      int family = 0;
      socklen_t size = sizeof family;
      if (::getsockopt(socket.raw(), SOL_SOCKET, SO_DOMAIN, &family, &size) != 0)
        return fail("listen on", "inherited socket", errno);
      asio::ip::tcp::acceptor acceptor(io_);
      boost::system::error_code error;
      acceptor.assign(family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket.raw(), error);
      if (error) return fail("listen on", "inherited socket", error.value());
      socket.release();
      acceptors_.push_back(std::move(acceptor));
    }
    if (acceptors_.empty()) return fail("listen on", "inherited sockets", EINVAL, "there are none");
    return serve(certificates);
  }

  void stop() {
    stopping_ = true;
    boost::system::error_code ignored;
    for (auto& acceptor : acceptors_) acceptor.close(ignored);
    sweeper_.cancel();
    for (auto* connection : std::vector(connections_.begin(), connections_.end())) connection->stop();
  }

  void close() {
    for (auto* connection : std::vector(connections_.begin(), connections_.end())) connection->close();
  }

  [[nodiscard]] std::size_t connections() const { return connections_.size(); }

 private:
  Result<std::uint16_t> serve(const ServerCertificates& certificates) {
    TRY(configure(tls_, certificates));
    const auto descriptors = TRY(raise_descriptor_limit());
    limits_.connections = std::min(limits_.connections, connections_within(descriptors));
    boost::system::error_code error;
    const auto end = acceptors_.front().local_endpoint(error);
    if (error) return fail("listen on", "inherited socket", error.value());
    for (auto& acceptor : acceptors_)
      asio::co_spawn(io_, accept(shared_from_this(), acceptor), asio::detached);
    asio::co_spawn(io_, sweep(shared_from_this()), asio::detached);
    return end.port();
  }

  static Task<void> accept(std::shared_ptr<Core> self, asio::ip::tcp::acceptor& acceptor) {
    while (!self->stopping_) {
      auto [error, socket] = co_await acceptor.async_accept(kTuple);
      if (error == asio::error::operation_aborted) break;
      if (error)
        co_await self->pause_accepting(error);
      else
        take(self, std::move(socket));
    }
  }

  /// Most likely descriptors or memory are used up, and some will come back.
  Task<void> pause_accepting(boost::system::error_code error) {
    if (error == asio::error::connection_aborted) co_return;  // the client has changed its mind
    log::warn("cannot take a connection", {{"error", error.message()}});
    asio::steady_timer pause(io_, kAcceptPause);
    [[maybe_unused]] const auto [ignored] = co_await pause.async_wait(kTuple);
  }

  static void take(const std::shared_ptr<Core>& self, asio::ip::tcp::socket socket) {
    const auto limit = self->limits_.connections;
    const auto now = self->connections_.size();
    if (now >= limit + kRefusedAtOnce) return;  // which closes it
    auto stream = std::make_unique<TlsTransport>(std::move(socket), self->tls_);
    auto connection = std::make_shared<Connection>(self->io_.get_executor(), std::move(stream), self->limits_,
                                                   self->handler_, self->complain_);
    if (now >= limit) connection->refuse_service();
    asio::co_spawn(self->io_, serve(self, std::move(connection)), asio::detached);
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
  std::vector<asio::ip::tcp::acceptor> acceptors_;  ///< complete before the first one is waited on
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
Result<std::uint16_t> Server::listen(std::vector<UniqueFd> sockets, const ServerCertificates& certificates) {
  return core_->listen(std::move(sockets), certificates);
}
void Server::stop() { core_->stop(); }
void Server::close() { core_->close(); }
std::size_t Server::connections() const { return core_->connections(); }

}  // namespace podwire::http
