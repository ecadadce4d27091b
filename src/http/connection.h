#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "http/server.h"
#include "http/signal.h"

namespace podwire::http {

/// One client's connection: its handshake, its requests one after the other, and their answers.
class Connection final : public Responder, public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls, const Limits& limits,
             const Handler& handler, const Complain& complain);

  /// Until the client goes, or is sent away.
  Task<void> serve();
  /// One request is answered with 503, and that is all.
  void refuse_service() { too_many_ = true; }
  void stop();
  void close();
  /// Closes the connection when the client is too slow for what it is at. Called now and then.
  void check(Clock::time_point now);

  Task<bool> send(int status, Headers headers, std::string body) override;
  Task<bool> begin(int status, Headers headers) override;
  Task<bool> write(std::string piece) override;
  Task<bool> end() override;
  Task<void> wait(std::chrono::milliseconds at_most) override;
  void wake() override { signal_.wake(); }
  [[nodiscard]] bool gone() const override { return gone_ || stopping_; }

 private:
  using Stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

  Task<bool> handshake();
  Task<bool> read(Request& request);
  Task<void> handle(const Request& request);
  Task<bool> put(std::string bytes);
  Task<void> refuse(int status, std::string_view sentence);
  Task<void> listen_for_end();
  void give(std::chrono::seconds time) { deadline_ = Clock::now() + time; }
  void read_peer();

  Stream stream_;
  const Limits& limits_;
  const Handler& handler_;
  const Complain& complain_;
  boost::beast::flat_buffer buffer_;
  Signal signal_;
  Clock::time_point deadline_;
  Peer peer_;
  bool too_many_ = false, stopping_ = false, idle_ = false;
  bool head_ = false;  ///< the request was a HEAD
  bool keep_alive_ = true;
  bool answered_ = false;   ///< the present request has its status line
  bool streaming_ = false;  ///< ... and its end is not written yet
  bool listening_ = false;  ///< listen_for_end() is at work
  bool gone_ = false;
};

}  // namespace podwire::http
