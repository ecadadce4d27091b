#include "dns/server.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>

#include "base/log.h"

namespace podwire::dns {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kLargestQuery = 4096;
constexpr std::chrono::milliseconds kAcceptPause{100};

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

/// The alias that an answer ends with, and that nothing here explains.
const Name* open_end(const Query& query, const Answer& answer) {
  if (answer.records.empty() || query.question.type == Type::cname) return nullptr;
  const auto* alias = std::get_if<Alias>(&answer.records.back().data);
  return alias == nullptr || answer.code != Code::no_error || !answer.authority.empty() ? nullptr
                                                                                        : &alias->target;
}

Task<std::string> next_message(std::shared_ptr<Tcp::socket> socket, Clock::time_point until) {
  const CloseAt idle(socket, until);
  auto message = co_await read_message(*socket);
  co_return message;
}

/// Only one socket may have an address, but one that may be there later.
template <class Socket>
void open(Socket& socket, const typename Socket::endpoint_type& end, boost::system::error_code& error) {
  socket.open(end.protocol(), error);
  if (error) return;
  const int on = 1;
  const bool v6 = end.address().is_v6();
  if (v6) socket.set_option(asio::ip::v6_only(true), error);
  // For TCP: past connections do not keep the address. For UDP that would let another socket have it too.
  if constexpr (std::is_same_v<Socket, Tcp::acceptor>)
    if (!error) socket.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && ::setsockopt(socket.native_handle(), v6 ? IPPROTO_IPV6 : IPPROTO_IP,
                             v6 ? IPV6_FREEBIND : IP_FREEBIND, &on, sizeof(on)) != 0)
    error.assign(errno, boost::system::system_category());
  if (!error) socket.bind(end, error);
}

}  // namespace

Server::Server(asio::io_context& io, const Zone& zone, std::vector<Upstream> upstreams, Limits limits)
    : io_(io),
      zone_(zone),
      forwarder_(io, std::move(upstreams), limits.patience),
      limits_(limits),
      forwarded_(limits.forwarded, limits.forwarded_each),
      connections_(limits.connections, limits.connections_each),
      tasks_(io) {}

Result<std::uint16_t> Server::listen(IpAddr address, std::uint16_t port) {
  const auto acceptor = std::make_shared<Tcp::acceptor>(io_);
  const auto socket = std::make_shared<Udp::socket>(io_);
  boost::system::error_code error;
  open(*acceptor, Tcp::endpoint(address_to(address), port), error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  const auto got = error ? port : acceptor->local_endpoint(error).port();
  if (!error) open(*socket, Udp::endpoint(address_to(address), got), error);
  if (!error) socket->non_blocking(true, error);
  if (error) return fail("listen for DNS on", fmt::format("{} port {}", address.str(), port), error.value());
  acceptors_.push_back(acceptor);
  sockets_.push_back(socket);
  return got;
}

void Server::serve() {
  for (const auto& acceptor : acceptors_) tasks_.spawn(accept(acceptor));
  for (const auto& socket : sockets_) tasks_.spawn(receive(socket));
}

Task<void> Server::stop() {
  tasks_.cancel();
  co_await tasks_.join();
  acceptors_.clear();
  sockets_.clear();
}

std::optional<std::string> Server::known(const Query& query, std::size_t limit) {
  if (query.class_ != 1) return encode(query, Code::refused);
  auto answer = zone_.answer(query.question);
  if (!answer || open_end(query, *answer) != nullptr) {
    if (!forwarder_.knows_nobody()) return std::nullopt;
    return answer ? encode(query, *answer, true, limit) : encode(query, Code::refused);
  }
  // Clients take the first address.
  auto& records = answer->records;
  const bool addresses = std::ranges::all_of(
      records, [](const Record& record) { return std::holds_alternative<IpAddr>(record.data); });
  if (addresses && records.size() > 1)
    std::ranges::rotate(records, records.begin() + static_cast<std::ptrdiff_t>(turn_++ % records.size()));
  return encode(query, *answer, true, limit);
}

Task<std::string> Server::asked_upstream(Query query, std::string message, std::size_t limit, bool tcp) {
  const auto answer = zone_.answer(query.question);
  const auto* alias = answer ? open_end(query, *answer) : nullptr;
  if (alias != nullptr) message = encode(Question{*alias, query.question.type}, 0);
  auto reply = co_await forwarder_.ask(std::move(message), tcp);
  if (reply.empty()) co_return encode(query, Code::server_failure);
  if (alias != nullptr) co_return join(query, *answer, bytes(reply), limit);
  co_return within(std::move(reply), query, limit);
}

Task<void> Server::receive(UdpSocket socket) {
  std::string message;
  while (true) {
    Udp::endpoint client;
    message.resize(kLargestQuery);
    const auto room = asio::buffer(message);
    const auto [error, size] = co_await socket->async_receive_from(room, client, kTuple);
    if (error == asio::error::operation_aborted) co_return;
    if (error) continue;
    message.resize(size);
    auto query = decode(bytes(message));
    std::optional<std::string> reply;
    if (!query) {
      reply = std::move(query.error());
    } else if (reply = known(*query, query->udp_limit()); !reply) {
      if (auto share = forwarded_.take(address_from(client.address())))
        tasks_.spawn(forward_datagram(socket, client, std::move(*query), message, std::move(*share)));
      else
        reply = encode(*query, Code::server_failure);
    }
    boost::system::error_code ignored;  // who does not get an answer asks again
    if (reply && !reply->empty()) socket->send_to(asio::buffer(*reply), client, 0, ignored);
  }
}

Task<void> Server::forward_datagram(UdpSocket socket, Udp::endpoint client, Query query, std::string message,
                                    Shares::Share /*held*/) {
  const auto limit = query.udp_limit();
  const auto reply = co_await asked_upstream(std::move(query), std::move(message), limit, false);
  boost::system::error_code ignored;
  socket->send_to(asio::buffer(reply), client, 0, ignored);
}

Task<void> Server::accept(Acceptor acceptor) {
  while (true) {
    auto [error, taken] = co_await acceptor->async_accept(kTuple);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {  // most likely descriptors are used up, and some will come back
      log::warn("DNS cannot take a connection", {{"error", error.message()}});
      asio::steady_timer pause(io_, kAcceptPause);
      [[maybe_unused]] const auto [stopped] = co_await pause.async_wait(kTuple);
      continue;
    }
    boost::system::error_code gone;
    const auto peer = taken.remote_endpoint(gone);
    if (gone) continue;
    if (auto share = connections_.take(address_from(peer.address()))) {
      auto socket = std::make_shared<Tcp::socket>(std::move(taken));
      tasks_.spawn(converse(std::move(socket), std::move(*share)));
    }
  }
}

/// One question after the other, as long as they come.
Task<void> Server::converse(std::shared_ptr<Tcp::socket> socket, Shares::Share /*held*/) {
  while (true) {
    const auto message = co_await next_message(socket, Clock::now() + limits_.idle);
    if (message.empty() || message.size() > kLargestQuery) co_return;
    auto query = decode(bytes(message));
    std::string reply;
    if (!query) {
      reply = std::move(query.error());
    } else if (auto now = known(*query, kLargestTcp)) {
      reply = std::move(*now);
    } else {
      reply = co_await asked_upstream(*query, message, kLargestTcp, true);
    }
    if (reply.empty()) co_return;
    const CloseAt slow(socket, Clock::now() + limits_.idle);
    const bool sent = co_await write_message(*socket, reply);
    if (!sent) co_return;
  }
}

}  // namespace podwire::dns
