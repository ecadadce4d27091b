#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <string>

#include "base/addr.h"
#include "http/signal.h"

namespace podwire::dns {

using http::Clock;
using http::Task;
using Tcp = boost::asio::ip::tcp;
using Udp = boost::asio::ip::udp;

inline constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

/// Closes a socket when the time is up, so that who waits for it gets an error.
template <class Socket>
class CloseAt {
 public:
  CloseAt(std::shared_ptr<Socket> socket, Clock::time_point until) : timer_(socket->get_executor(), until) {
    timer_.async_wait([socket = std::move(socket)](boost::system::error_code stopped) {
      boost::system::error_code ignored;
      if (!stopped) socket->close(ignored);
    });
  }

 private:
  boost::asio::steady_timer timer_;
};

[[nodiscard]] inline boost::asio::ip::address address_to(const IpAddr& address) {
  return boost::asio::ip::make_address(address.str());
}
[[nodiscard]] inline IpAddr address_from(const boost::asio::ip::address& address) {
  if (address.is_v4()) return IpAddr::from_value(Family::v4, address.to_v4().to_uint());
  const auto bytes = address.to_v6().to_bytes();
  return *IpAddr::from_bytes(std::as_bytes(std::span(bytes)));
}

/// The next message of a TCP stream; empty: there is none, or the stream ends.
[[nodiscard]] Task<std::string> read_message(Tcp::socket& socket);
/// False: the stream has failed.
[[nodiscard]] Task<bool> write_message(Tcp::socket& socket, const std::string& message);

}  // namespace podwire::dns
