#include "tests/bench/server/connection.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace podwire::bench {
namespace {

constexpr std::size_t kPiece = 16 << 10;  // a record of TLS

/// The value of a header, its name in any case; empty where there is none.
std::string_view value_of(std::string_view header, std::string_view name) {
  for (std::size_t at = header.find('\n'); at != std::string_view::npos; at = header.find('\n', at + 1)) {
    const auto line = header.substr(at + 1);
    if (line.size() <= name.size() + 1 || line[name.size()] != ':' ||
        ::strncasecmp(line.data(), name.data(), name.size()) != 0)
      continue;
    const auto value = line.substr(name.size() + 1, line.find('\r') - name.size() - 1);
    return value.substr(std::min(value.find_first_not_of(' '), value.size()));
  }
  return {};
}

}  // namespace

Result<TlsContext> trust(const std::string& ca_file) {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1)
    return fail("trust", ca_file);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

Result<Connection> Connection::open(std::uint16_t port, SSL_CTX* tls) {
  Connection out(UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  const int fd = out.socket_.raw(), on = 1;
  const timeval patience{.tv_sec = 30, .tv_usec = 0};
  sockaddr_in to{
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    return fail("connect to", fmt::format("port {}", port), errno);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (tls == nullptr) return out;
  out.tls_.reset(SSL_new(tls));
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(out.tls_.get()), "127.0.0.1");
  if (SSL_set_fd(out.tls_.get(), fd) != 1 || SSL_connect(out.tls_.get()) != 1)
    return fail("shake hands with", fmt::format("port {}", port), errno);
  return out;
}

Result<> Connection::send(std::string_view request) {
  while (!request.empty()) {
    const auto sent = tls_ ? SSL_write(tls_.get(), request.data(), static_cast<int>(request.size()))
                           : ::send(socket_.raw(), request.data(), request.size(), MSG_NOSIGNAL);
    if (sent <= 0) return fail("send", {}, errno);
    request.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<> Connection::fill() {
  if (taken_ == in_.size()) {
    in_.clear();
    taken_ = 0;
  }
  const auto had = in_.size();
  in_.resize(had + kPiece);
  const auto got = tls_ ? SSL_read(tls_.get(), in_.data() + had, kPiece)
                        : ::recv(socket_.raw(), in_.data() + had, kPiece, 0);
  in_.resize(had + static_cast<std::size_t>(std::max<std::int64_t>(got, 0)));
  if (got <= 0) return fail("receive", {}, errno, "the server has closed the connection, or says nothing");
  return {};
}

Result<> Connection::await() { return taken_ < in_.size() ? Result<>() : fill(); }

Result<std::string> Connection::header() {
  std::size_t end = 0;
  while ((end = in_.find("\r\n\r\n", taken_)) == std::string::npos) TRY(fill());
  return take(end + 4 - taken_);
}

Result<std::string> Connection::take(std::size_t size) {
  in_.reserve(taken_ + size + kPiece);
  while (in_.size() - taken_ < size) TRY(fill());
  auto out = in_.substr(taken_, size);
  taken_ += size;
  return out;
}

Result<std::string> Connection::take_line() {
  std::size_t end = 0;
  while ((end = in_.find("\r\n", taken_)) == std::string::npos) TRY(fill());
  return take(end + 2 - taken_);
}

Result<std::string> Connection::chunk() {
  const auto size = std::strtoul(TRY(take_line()).c_str(), nullptr, 16);
  auto out = TRY(take(size + 2));
  out.resize(size);
  return out;
}

Result<Answer> Connection::receive() {
  const auto head = TRY(header());
  Answer out{.status = std::atoi(head.c_str() + head.find(' ')), .body = {}};
  if (const auto length = value_of(head, "Content-Length"); !length.empty()) {
    std::size_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    out.body = TRY(take(size));
  } else {
    for (auto piece = TRY(chunk()); !piece.empty(); piece = TRY(chunk())) out.body += piece;
  }
  return out;
}

Result<Answer> Connection::call(std::string_view request) {
  TRY(send(request));
  return receive();
}

Result<> Connection::begin_stream() {
  const auto head = TRY(header());
  if (head.find(" 200 ") == std::string::npos) return fail("watch", head.substr(0, head.find('\r')));
  return {};
}

Result<std::string> Connection::line() {
  std::size_t end = 0;
  while ((end = lines_.find('\n')) == std::string::npos) {
    const auto piece = TRY(chunk());
    if (piece.empty()) return fail("watch", {}, 0, "the server has ended it");
    lines_ += piece;
  }
  auto out = lines_.substr(0, end);
  lines_.erase(0, end + 1);
  return out;
}

}  // namespace podwire::bench
