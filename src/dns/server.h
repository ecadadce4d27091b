#pragma once
#include <chrono>

#include "base/result.h"
#include "client/tasks.h"
#include "dns/forwarder.h"
#include "dns/message.h"
#include "dns/shares.h"
#include "dns/zone.h"

namespace podwire::dns {

/// What one client, and all of them, may have under way.
struct Limits {
  std::size_t forwarded = 1024, forwarded_each = 128;
  std::size_t connections = 256, connections_each = 16;
  std::chrono::milliseconds idle{10000};     ///< of a connection
  std::chrono::milliseconds patience{2000};  ///< with each upstream
};

/// Answers DNS questions over UDP and TCP: from the zone, what is not in it from upstreams. Who asks for more
/// than his share gets SERVFAIL, or no connection. On the io_context's one thread. The zone outlives stop().
class Server {
 public:
  Server(boost::asio::io_context& io, const Zone& zone, std::vector<Upstream> upstreams, Limits limits = {});

  /// Once for each address, which may come later (IP_FREEBIND). Port 0: any; both protocols have the same,
  /// which is returned. What comes in waits for serve().
  Result<std::uint16_t> listen(IpAddr address, std::uint16_t port);
  /// Once, after every listen().
  void serve();
  /// Nothing runs any more when this returns.
  Task<void> stop();

 private:
  using UdpSocket = std::shared_ptr<Udp::socket>;
  using Acceptor = std::shared_ptr<Tcp::acceptor>;

  Task<void> receive(UdpSocket socket);
  Task<void> forward_datagram(UdpSocket socket, Udp::endpoint client, Query query, std::string message,
                              Shares::Share share);
  Task<void> accept(Acceptor acceptor);
  Task<void> converse(std::shared_ptr<Tcp::socket> socket, Shares::Share share);

  /// What is known without asking anybody; nullopt: upstreams have to say it, or the rest of it.
  std::optional<std::string> known(const Query& query, std::size_t limit);
  Task<std::string> asked_upstream(Query query, std::string message, std::size_t limit, bool tcp);

  boost::asio::io_context& io_;
  const Zone& zone_;
  Forwarder forwarder_;
  Limits limits_;
  Shares forwarded_, connections_;
  std::vector<UdpSocket> sockets_;
  std::vector<Acceptor> acceptors_;
  std::size_t turn_ = 0;  ///< which of several addresses comes first
  client::Tasks tasks_;
};

}  // namespace podwire::dns
