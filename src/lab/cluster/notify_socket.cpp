#include "lab/cluster/notify_socket.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <string_view>

namespace podwire::lab {

namespace asio = boost::asio;
using Datagrams = asio::local::datagram_protocol;

Result<std::shared_ptr<NotifySocket>> NotifySocket::listen(asio::io_context& io, const std::string& path,
                                                           std::function<void()> told) {
  std::shared_ptr<NotifySocket> out(new NotifySocket(io, std::move(told)));
  boost::system::error_code error;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) return fail("listen on", path, ENAMETOOLONG);
  out->socket_.open({}, error);
  if (!error) out->socket_.bind(Datagrams::endpoint(path), error);
  if (error) return fail("listen on", path, error.value());
  asio::co_spawn(io, hear(out), asio::detached);
  return out;
}

void NotifySocket::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  ready_ = false;
}

http::Task<void> NotifySocket::hear(std::shared_ptr<NotifySocket> self) {
  std::array<char, 256> buffer{};
  while (true) {
    const auto [error, size] =
        co_await self->socket_.async_receive(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    if (!std::string_view(buffer.data(), size).starts_with("READY=1")) continue;
    self->ready_ = true;
    self->told_();
  }
}

}  // namespace podwire::lab
