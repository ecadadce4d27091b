#include "http/tls_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "http/socket_stream.h"

namespace podwire::http {
namespace {

namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// OpenSSL's own BIO of a socket, but that a client which is gone raises no SIGPIPE.

int descriptor_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int bio_write(BIO* bio, const char* data, int size) {
  const auto sent = ::send(descriptor_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  BIO_clear_retry_flags(bio);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* data, int size) {
  const auto got = ::recv(descriptor_of(bio), data, static_cast<std::size_t>(size), 0);
  BIO_clear_retry_flags(bio);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long bio_control(BIO* bio, int what, long, void*) {
  if (what == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return what == BIO_CTRL_FLUSH ? 1 : 0;
}

/// Many connections say nothing for long. The kernel asks the other machine now and then whether it is still
/// there, so that a watch, or a log that is followed, ends within two minutes of it.
void notice_its_death(int socket) {
  constexpr int kOn = 1, kIdleSeconds = 60, kBetween = 15, kTimes = 4;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &kOn, sizeof kOn);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &kIdleSeconds, sizeof kIdleSeconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &kBetween, sizeof kBetween);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &kTimes, sizeof kTimes);
}

BIO_METHOD* socket_bio() {
  static BIO_METHOD* const method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

}  // namespace

TlsStream::TlsStream(asio::ip::tcp::socket socket, SSL_CTX* context)
    : socket_(std::move(socket)), ssl_(SSL_new(context)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  notice_its_death(socket_.native_handle());
  auto* bio = BIO_new(socket_bio());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket_.native_handle())));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_options(ssl_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
}

template <class Call>
Task<boost::system::error_code> TlsStream::complete(Call call) {
  while (socket_.is_open()) {
    ERR_clear_error();
    errno = 0;
    const int done = call();
    if (done == 1) co_return boost::system::error_code();
    const int why = SSL_get_error(ssl_.get(), done);
    if (why == SSL_ERROR_ZERO_RETURN) co_return asio::error::eof;
    if (why == SSL_ERROR_SYSCALL)
      co_return errno == 0 ? boost::system::error_code(asio::error::eof)
                           : boost::system::error_code(errno, boost::system::system_category());
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
      co_return boost::system::error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
    const auto wanted =
        why == SSL_ERROR_WANT_READ ? asio::ip::tcp::socket::wait_read : asio::ip::tcp::socket::wait_write;
    const auto [error] = co_await socket_.async_wait(wanted, kTuple);
    if (error) co_return error;
  }
  co_return asio::error::operation_aborted;
}

Task<Result<>> TlsStream::handshake(Side side) {
  if (side == Side::server)
    SSL_set_accept_state(ssl_.get());
  else
    SSL_set_connect_state(ssl_.get());
  const auto error = co_await complete([this] { return SSL_do_handshake(ssl_.get()); });
  if (error) co_return failed("TLS handshake", "", error);
  co_return Result<>();
}

Task<Result<std::string>> TlsStream::read_some(std::size_t at_most) {
  std::string out;
  const auto error = co_await complete([&] {
    // Only now, and not while it waits: most connections wait most of the time.
    out.resize(at_most);
    std::size_t size = 0;
    const int done = SSL_read_ex(ssl_.get(), out.data(), out.size(), &size);
    if (done == 1)
      out.resize(size);
    else
      out = {};
    return done;
  });
  if (error == asio::error::eof) co_return std::string();
  if (error) co_return failed("read", "", error);
  co_return out;
}

Task<Result<>> TlsStream::write_all(std::string bytes) {
  if (bytes.empty()) co_return Result<>();
  const auto error = co_await complete([&] {
    std::size_t size = 0;
    return SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &size);  // all, or an error
  });
  if (error) co_return failed("write", "", error);
  co_return Result<>();
}

}  // namespace podwire::http
