#include "standin/dial.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <expected>

namespace podwire::standin {
namespace {

namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kLongest = 64 << 10;
constexpr int kMostTries = 100;

using Outcome = std::expected<std::string, std::string>;

/// Closes a socket when its time is up, so that who waits for it gets an error.
template <class Socket>
class TimeLimit {
 public:
  explicit TimeLimit(Socket& socket) : timer_(socket.get_executor(), kPatience) {
    timer_.async_wait([&socket](boost::system::error_code error) {
      boost::system::error_code ignored;
      if (!error) socket.close(ignored);
    });
  }

 private:
  asio::steady_timer timer_;
};

std::unexpected<std::string> because(const boost::system::error_code& error) {
  if (error == asio::error::operation_aborted) return std::unexpected(std::string("it took longer than 5 s"));
  return std::unexpected(error.message());
}

asio::awaitable<Outcome> ask_http(std::string host, std::string port, std::string path) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  const auto [unknown, addresses] = co_await resolver.async_resolve(host, port, kTuple);
  if (unknown) co_return because(unknown);
  auto socket = std::make_shared<asio::ip::tcp::socket>(executor);
  const TimeLimit limit(*socket);
  const auto [refused, peer] = co_await asio::async_connect(*socket, addresses, kTuple);
  if (refused) co_return because(refused);
  const auto request =
      fmt::format("GET /{} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n", path, host, port);
  const auto [unsent, sent] = co_await asio::async_write(*socket, asio::buffer(request), kTuple);
  if (unsent) co_return because(unsent);
  std::string answer;
  auto buffer = asio::dynamic_buffer(answer, kLongest);
  const auto [ended, got] = co_await asio::async_read(*socket, buffer, kTuple);
  if (ended && ended != asio::error::eof) co_return because(ended);
  const auto body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.") || body == std::string::npos)
    co_return std::unexpected(std::string("the answer is no HTTP"));
  co_return answer.substr(body + 4);
}

asio::awaitable<Outcome> ask_udp(std::string host, std::string port, std::string text) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::udp::resolver resolver(executor);
  const auto [unknown, addresses] = co_await resolver.async_resolve(host, port, kTuple);
  if (unknown) co_return because(unknown);
  auto socket = std::make_shared<asio::ip::udp::socket>(executor);
  const TimeLimit limit(*socket);
  const asio::ip::udp::endpoint peer = *addresses.begin();
  const auto [refused] = co_await socket->async_connect(peer, kTuple);
  if (refused) co_return because(refused);
  const auto [unsent, sent] = co_await socket->async_send(asio::buffer(text), kTuple);
  if (unsent) co_return because(unsent);
  std::string answer(2048, '\0');
  const auto [silent, size] = co_await socket->async_receive(asio::buffer(answer), kTuple);
  if (silent) co_return because(silent);
  answer.resize(size);
  co_return answer;
}

}  // namespace

asio::awaitable<Response> dial(const Request& request) {
  const std::string host(request.parameter("host")), port(request.parameter("port"));
  std::string what(request.parameter("request"));
  const auto protocol = request.parameter("protocol");
  const auto wanted = request.parameter("tries");
  int tries = 1;
  if (host.empty() || port.empty() || (protocol != "http" && protocol != "udp" && !protocol.empty()))
    co_return Response{.status = 400,
                       .body = "it needs host=, port=, and perhaps protocol=http|udp, request=, tries=\n"};
  if (!wanted.empty()) {
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), tries);
    if (error != std::errc() || tries < 1 || tries > kMostTries)
      co_return Response{.status = 400, .body = fmt::format("tries= is from 1 to {}\n", kMostTries)};
  }
  if (what.empty()) what = "hostname";
  // The request goes out as part of a request line of ours.
  if (what.find_first_of(" \r\n") != std::string::npos && protocol != "udp")
    co_return Response{.status = 400, .body = "request= has a blank\n"};
  boost::json::array responses, errors;
  for (int i = 0; i < tries; ++i) {
    auto outcome =
        protocol == "udp" ? co_await ask_udp(host, port, what) : co_await ask_http(host, port, what);
    if (outcome)
      responses.emplace_back(*outcome);
    else
      errors.emplace_back(outcome.error());
  }
  boost::json::object out;
  if (!responses.empty()) out["responses"] = std::move(responses);
  if (!errors.empty()) out["errors"] = std::move(errors);
  co_return Response{.body = boost::json::serialize(out)};
}

}  // namespace podwire::standin
