#include "dns/forwarder.h"

#include "dns/message.h"

namespace podwire::dns {
namespace {

namespace asio = boost::asio;

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

/// Whether another server might know better.
bool is_no_answer(const std::string& reply) {
  const auto code = static_cast<Code>(static_cast<unsigned char>(reply[3]) & 0xfU);
  return code == Code::server_failure || code == Code::refused || code == Code::not_implemented;
}

}  // namespace

Task<std::string> Forwarder::ask(std::string query, bool tcp) {
  std::string last;
  const auto start = first_;
  for (std::size_t i = 0; i < upstreams_.size(); ++i) {
    const auto which = (start + i) % upstreams_.size();
    auto mine = with_id(query, static_cast<std::uint16_t>(random_()));
    std::string reply;
    if (tcp)
      reply = co_await over_tcp(upstreams_[which], std::move(mine));
    else
      reply = co_await over_udp(upstreams_[which], std::move(mine));
    if (reply.empty()) continue;
    last = std::move(reply);
    if (is_no_answer(last)) continue;
    first_ = which;
    break;
  }
  co_return last;
}

Task<std::string> Forwarder::over_udp(Upstream upstream, std::string query) {
  const Udp::endpoint to(address_to(upstream.address), upstream.port);
  const auto socket = std::make_shared<Udp::socket>(io_);
  boost::system::error_code error;
  // Connected: only that server's datagrams come in, and its refusals do too.
  socket->connect(to, error);
  if (!error) socket->send(asio::buffer(query), 0, error);
  if (error) co_return std::string();
  const CloseAt late(socket, Clock::now() + patience_);
  std::string reply;
  do {
    reply.resize(kLargestTcp);
    const auto room = asio::buffer(reply);
    const auto [failed, size] = co_await socket->async_receive(room, kTuple);
    if (failed) co_return std::string();
    reply.resize(size);
  } while (!answers(bytes(reply), bytes(query)));
  co_return reply;
}

Task<std::string> Forwarder::over_tcp(Upstream upstream, std::string query) {
  const Tcp::endpoint to(address_to(upstream.address), upstream.port);
  const auto socket = std::make_shared<Tcp::socket>(io_);
  const CloseAt late(socket, Clock::now() + patience_);
  const auto [error] = co_await socket->async_connect(to, kTuple);
  if (error) co_return std::string();
  const bool sent = co_await write_message(*socket, query);
  if (!sent) co_return std::string();
  auto reply = co_await read_message(*socket);
  if (!answers(bytes(reply), bytes(query))) co_return std::string();
  co_return reply;
}

}  // namespace podwire::dns
