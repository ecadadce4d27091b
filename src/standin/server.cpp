#include "standin/server.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/file.h"

namespace podwire::standin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kLongestHead = 16 << 10;
constexpr std::size_t kLongestBody = 1 << 20;
constexpr std::chrono::seconds kIdle{60};
constexpr std::chrono::milliseconds kRest{100};  // when there are no descriptors for one more client

/// As people write it; an IPv4 client of an IPv6 socket is an IPv4 client.
template <class Endpoint>
std::string shown(const Endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), endpoint.port())
                         : fmt::format("{}:{}", address.to_string(), endpoint.port());
}

template <class Socket>
error_code open_on(Socket& socket, const typename Socket::endpoint_type& endpoint) {
  error_code error, ignored;
  socket.close(ignored);
  socket.open(endpoint.protocol(), error);
  if (!error && endpoint.address().is_v6()) socket.set_option(asio::ip::v6_only(false), error);
  if (!error) socket.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) socket.bind(endpoint, error);
  return error;
}

/// One socket for both families; a machine without IPv6 has one of IPv4.
template <class Protocol, class Socket>
Result<> open_everywhere(Socket& socket, std::uint16_t port, std::string_view what) {
  auto error = open_on(socket, {Protocol::v6(), port});
  namespace errc = boost::system::errc;
  if (error == errc::address_family_not_supported || error == errc::address_not_available)
    error = open_on(socket, {Protocol::v4(), port});
  if (error) return fail("listen on", fmt::format("{} port {}", what, port), error.value());
  return {};
}

}  // namespace

Server::Server(asio::io_context& io, const Program& program, const Surroundings& around,
               std::function<void(int)> exit)
    : io_(io), program_(program), around_(around), exit_(std::move(exit)), listener_(io), datagrams_(io) {}

Result<> Server::start() {
  if (!program_.site) return {};
  TRY(open_everywhere<tcp>(listener_, program_.http_port, "TCP"));
  error_code error;
  listener_.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return fail("listen on", fmt::format("TCP port {}", program_.http_port), error.value());
  asio::co_spawn(io_, take_connections(), asio::detached);
  if (program_.udp_port == 0) return {};
  TRY(open_everywhere<udp>(datagrams_, program_.udp_port, "UDP"));
  asio::co_spawn(io_, take_datagrams(), asio::detached);
  return {};
}

asio::awaitable<void> Server::take_connections() {
  asio::steady_timer pause(io_);
  while (listener_.is_open()) {
    auto [error, socket] = co_await listener_.async_accept(kTuple);
    if (!error) {
      asio::co_spawn(io_, talk(std::move(socket)), asio::detached);
      continue;
    }
    pause.expires_after(kRest);
    [[maybe_unused]] const auto [ignored] = co_await pause.async_wait(kTuple);
  }
}

asio::awaitable<void> Server::talk(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const auto peer = socket.remote_endpoint(ignored);
  asio::steady_timer idle(io_);
  std::string buffer;
  for (bool goes_on = true; goes_on;) {
    idle.expires_after(kIdle);
    idle.async_wait([&socket](error_code stopped) {
      error_code nothing;
      if (!stopped) socket.close(nothing);
    });
    auto input = asio::dynamic_buffer(buffer, kLongestHead);
    const auto [error, size] = co_await asio::async_read_until(socket, input, "\r\n\r\n", kTuple);
    if (error && error != asio::error::not_found) break;
    auto request = error ? std::expected<Request, int>(std::unexpected(431))
                         : parse_head(std::string_view(buffer).substr(0, size));
    buffer.erase(0, size);
    if (request && request->content_length > kLongestBody) request = std::unexpected(413);
    Response response;
    if (request) {
      // A body says nothing to any of the programs, but it must be out of the way.
      while (buffer.size() < request->content_length) {
        char piece[4096];
        const auto [cut, got] = co_await socket.async_read_some(asio::buffer(piece), kTuple);
        if (cut) co_return;
        buffer.append(piece, got);
      }
      buffer.erase(0, request->content_length);
      request->client = shown(peer);
      idle.cancel();
      response = co_await program_.site(*request);
    } else {
      response.status = request.error();
    }
    goes_on = request && request->keep_alive && !response.exit;
    const auto bytes = render(response, request && request->method == "HEAD", goes_on);
    const auto [unsent, sent] = co_await asio::async_write(socket, asio::buffer(bytes), kTuple);
    if (program_.access_log && request) {
      const auto line =
          fmt::format("{} {} {} {}\n", shown(peer), request->method, request->path, response.status);
      [[maybe_unused]] const auto written = write_all(Fd(1), line);
    }
    if (response.exit) exit_(*response.exit);
    if (unsent) break;
  }
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> Server::take_datagrams() {
  while (datagrams_.is_open()) {
    char buffer[2048];
    udp::endpoint peer;
    const auto [error, size] = co_await datagrams_.async_receive_from(asio::buffer(buffer), peer, kTuple);
    if (error == asio::error::operation_aborted) co_return;
    if (error) continue;
    const auto answer = datagram_answer({buffer, size}, around_.host_name, shown(peer));
    if (answer.empty()) continue;
    [[maybe_unused]] const auto [unsent, sent] =
        co_await datagrams_.async_send_to(asio::buffer(answer), peer, kTuple);
  }
}

}  // namespace podwire::standin
