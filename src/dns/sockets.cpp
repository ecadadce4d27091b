#include "dns/sockets.h"

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace podwire::dns {

namespace asio = boost::asio;

Task<std::string> read_message(Tcp::socket& socket) {
  std::array<unsigned char, 2> length{};
  const auto head = asio::buffer(length);
  const auto [no_head, head_size] = co_await asio::async_read(socket, head, kTuple);
  if (no_head) co_return std::string();
  std::string out(std::size_t{length[0]} << 8U | length[1], '\0');
  const auto body = asio::buffer(out);
  const auto [no_body, body_size] = co_await asio::async_read(socket, body, kTuple);
  if (no_body) co_return std::string();
  co_return out;
}

Task<bool> write_message(Tcp::socket& socket, const std::string& message) {
  std::string bytes{static_cast<char>(message.size() >> 8U), static_cast<char>(message.size() & 0xffU)};
  bytes += message;
  const auto buffer = asio::buffer(bytes);
  const auto [error, size] = co_await asio::async_write(socket, buffer, kTuple);
  co_return !error;
}

}  // namespace podwire::dns
