#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <functional>
#include <string>

#include "base/result.h"
#include "standin/programs.h"

namespace podwire::standin {

/// Serves a program on every address of the machine, of both families where it has both. HTTP/1.1 with
/// keep-alive; a client that sends nothing for a minute, or too long a header, is sent away. On the one
/// thread of the io_context. All three arguments live longer than what runs in it.
class Server {
 public:
  /// `exit` is called when a request (/exit) has asked for the program's end.
  Server(boost::asio::io_context& io, const Program& program, const Surroundings& around,
         std::function<void(int)> exit);

  /// Error: the port is taken. Port 0 is any that is free.
  Result<> start();
  [[nodiscard]] std::uint16_t http_port() const { return listener_.local_endpoint().port(); }
  [[nodiscard]] std::uint16_t udp_port() const { return datagrams_.local_endpoint().port(); }

 private:
  boost::asio::awaitable<void> take_connections();
  boost::asio::awaitable<void> talk(boost::asio::ip::tcp::socket socket);
  boost::asio::awaitable<void> take_datagrams();

  boost::asio::io_context& io_;
  const Program& program_;
  const Surroundings& around_;
  std::function<void(int)> exit_;
  boost::asio::ip::tcp::acceptor listener_;
  boost::asio::ip::udp::socket datagrams_;
};

}  // namespace podwire::standin
