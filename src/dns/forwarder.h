#pragma once
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "dns/sockets.h"

namespace podwire::dns {

/// Another DNS server, which knows the rest of the world.
struct Upstream {
  IpAddr address;
  std::uint16_t port = 53;
};

/// Asks other servers, one after the other until one has an answer. Each question has a socket of its own, so
/// that its port and its id are hard to guess. No cache: that is theirs. On the io_context's one thread.
class Forwarder {
 public:
  Forwarder(boost::asio::io_context& io, std::vector<Upstream> upstreams, std::chrono::milliseconds patience)
      : io_(io), upstreams_(std::move(upstreams)), patience_(patience) {}

  [[nodiscard]] bool knows_nobody() const { return upstreams_.empty(); }

  /// The answer, under an id of its own; empty: none within the time, or only "ask another". `patience` is
  /// how long each server has. Over TCP if the question came so.
  Task<std::string> ask(std::string query, bool tcp);

 private:
  Task<std::string> over_udp(Upstream upstream, std::string query);
  Task<std::string> over_tcp(Upstream upstream, std::string query);

  boost::asio::io_context& io_;
  std::vector<Upstream> upstreams_;
  std::chrono::milliseconds patience_;
  std::size_t first_ = 0;  ///< who answered last
  std::random_device random_;
};

}  // namespace podwire::dns
