#include "http/dial.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/addr.h"
#include "http/deadline.h"
#include "http/server_proof.h"
#include "http/socket_stream.h"

namespace podwire::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// A server that is gone without a word, its machine off or its network cut, is noticed within half a minute,
/// on a connection at rest (keepalive) and on one with something unanswered (the user timeout, which also
/// ends keepalive's probes).
void notice_silence(int handle) {
  constexpr int kOn = 1, kIdle = 15, kBetween = 5;
  constexpr unsigned kUnanswered = 30'000;  // ms
  // A kernel that refuses one of them leaves the connection as it was.
  ::setsockopt(handle, SOL_SOCKET, SO_KEEPALIVE, &kOn, sizeof kOn);
  ::setsockopt(handle, IPPROTO_TCP, TCP_KEEPIDLE, &kIdle, sizeof kIdle);
  ::setsockopt(handle, IPPROTO_TCP, TCP_KEEPINTVL, &kBetween, sizeof kBetween);
  ::setsockopt(handle, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnanswered, sizeof kUnanswered);
}

template <class Stream>
class ClientSocket : public SocketStream<Stream, ClientStream> {
 public:
  using SocketStream<Stream, ClientStream>::SocketStream;

  bool quiet() override {
    char byte = 0;
    const auto handle = this->socket().native_handle();
    return this->socket().is_open() && ::recv(handle, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void be_patient() override {
    constexpr unsigned kNoLimit = 0;
    ::setsockopt(this->socket().native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kNoLimit, sizeof kNoLimit);
  }

  Task<boost::system::error_code> connect(tcp::endpoint to) {
    const auto [error] = co_await this->socket().async_connect(to, kTuple);
    boost::system::error_code ignored;
    this->socket().set_option(tcp::no_delay(true), ignored);
    if (!error) notice_silence(this->socket().native_handle());
    co_return error;
  }
};

using PlainSocket = ClientSocket<tcp::socket>;

class TlsSocket final : public ClientSocket<asio::ssl::stream<tcp::socket>> {
 public:
  using ClientSocket::ClientSocket;

  Task<Result<>> handshake(const Trust& trust, const std::string& authority) {
    auto* ssl = layer().native_handle();
    if (!IpAddr::parse(trust.server_name)) SSL_set_tlsext_host_name(ssl, trust.server_name.c_str());
    ServerProof proof(trust.server_name);
    boost::system::error_code ignored;
    if (trust.verify) {
      auto demanded = proof.demand(ssl);
      if (!demanded) co_return demanded;
      layer().set_verify_mode(asio::ssl::verify_peer, ignored);
      layer().set_verify_callback(
          [&](bool good, asio::ssl::verify_context& context) { return proof.note(good, context); }, ignored);
    } else {
      layer().set_verify_mode(asio::ssl::verify_none, ignored);
    }
    const auto [error] = co_await layer().async_handshake(asio::ssl::stream_base::client, kTuple);
    // It refers to what ends here.
    layer().set_verify_callback([](bool good, asio::ssl::verify_context&) { return good; }, ignored);
    if (!proof.objection().empty() && error)
      co_return fail("TLS handshake with", authority, 0, proof.objection());
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
      co_return fail("TLS handshake with", authority, 0, "it ended the connection");
    if (error) co_return failed("TLS handshake with", authority, error);
    co_return Result<>();
  }
};

/// A name's addresses, being looked up by a thread that nobody can stop.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), signal(executor) {}

  tcp::resolver resolver;
  Signal signal;
  std::vector<tcp::endpoint> found;
  boost::system::error_code error;
  bool done = false;
};

Task<Result<std::vector<tcp::endpoint>>> look_up(const BaseUrl& url, Clock::time_point until) {
  boost::system::error_code none;
  const auto address = asio::ip::make_address(url.host, none);
  if (!none) co_return std::vector{tcp::endpoint(address, url.port)};
  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->resolver.async_resolve(
      url.host, std::to_string(url.port), tcp::resolver::numeric_service,
      [lookup](boost::system::error_code error, const tcp::resolver::results_type& results) {
        lookup->error = error;
        for (const auto& result : results) lookup->found.push_back(result.endpoint());
        lookup->done = true;
        lookup->signal.wake();
      });
  while (!lookup->done) {
    if (Clock::now() >= until) co_return fail("look up", url.host, ETIMEDOUT);
    co_await lookup->signal.wait(until);
    const bool told_to_end = co_await cancelled();
    if (told_to_end) co_return fail("look up", url.host, ECANCELED);
  }
  if (lookup->error) co_return failed("look up", url.host, lookup->error);
  co_return lookup->found;
}

/// `share`: what this one may take of the time.
template <class Stream>
Task<Result<>> reach(Stream& stream, const BaseUrl& url, tcp::endpoint to, Clock::time_point share) {
  const auto executor = co_await asio::this_coro::executor;
  const Deadline deadline(executor, stream, share);
  const auto error = co_await stream.connect(to);
  if (!error) co_return Result<>();
  const auto address = to.address().to_string();
  const auto object =
      address == url.host ? url.authority() : fmt::format("{} ({})", url.authority(), address);
  if (deadline.passed()) co_return fail("connect to", object, ETIMEDOUT);
  co_return failed("connect to", object, error);
}

Task<Result<std::unique_ptr<ClientStream>>> dial_one(const BaseUrl& url, const Trust& trust, tcp::endpoint to,
                                                     Clock::time_point share, Clock::time_point until) {
  const auto executor = co_await asio::this_coro::executor;
  if (!url.tls) {
    auto stream = std::make_unique<PlainSocket>(executor);
    const auto reached = co_await reach(*stream, url, to, share);
    if (!reached) co_return std::unexpected(reached.error());
    co_return std::unique_ptr<ClientStream>(std::move(stream));
  }
  auto stream = std::make_unique<TlsSocket>(executor, *trust.context);
  const auto reached = co_await reach(*stream, url, to, share);
  if (!reached) co_return std::unexpected(reached.error());
  const Deadline deadline(executor, *stream, until);
  const auto trusted = co_await stream->handshake(trust, url.authority());
  if (!trusted && deadline.passed()) co_return fail("TLS handshake with", url.authority(), ETIMEDOUT);
  if (!trusted) co_return std::unexpected(trusted.error());
  co_return std::unique_ptr<ClientStream>(std::move(stream));
}

}  // namespace

Task<Result<std::unique_ptr<ClientStream>>> dial(BaseUrl url, Trust trust, Clock::time_point until) {
  const auto found = co_await look_up(url, until);
  if (!found) co_return std::unexpected(found.error());
  Result<std::unique_ptr<ClientStream>> out = fail("look up", url.host, 0, "it has no address");
  auto left = static_cast<int>(found->size());
  for (const auto& to : *found) {
    const auto now = Clock::now();
    const auto share = left == 1 ? until : now + (until - now) / left;
    --left;
    out = co_await dial_one(url, trust, to, share, until);
    if (out) break;
    const bool told_to_end = co_await cancelled();
    if (told_to_end) break;
  }
  co_return out;
}

}  // namespace podwire::http
