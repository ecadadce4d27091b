#include "http/tls_client.h"

#include <fmt/format.h>

#include <boost/asio/ssl/context.hpp>

#include "http/client_connection.h"
#include "http/client_identity.h"
#include "http/deadline.h"
#include "http/upgraded_stream.h"

namespace podwire::http {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::minutes kIdle{1};        // less than servers keep them
constexpr std::size_t kRefusalBytes = 4 << 10;  // of an answer that refuses an upgrade

class NetworkIncoming final : public Incoming {
 public:
  NetworkIncoming(asio::io_context& io, std::shared_ptr<ClientConnection> connection, std::string what)
      : io_(io), connection_(std::move(connection)), what_(std::move(what)) {}
  NetworkIncoming(const NetworkIncoming&) = delete;
  NetworkIncoming& operator=(const NetworkIncoming&) = delete;
  ~NetworkIncoming() override { connection_->close(); }

  [[nodiscard]] int status() const override { return connection_->status(); }
  [[nodiscard]] std::string_view header(std::string_view name) const override {
    return find_header(connection_->headers(), name);
  }
  Task<Result<std::string>> read(std::chrono::milliseconds at_most) override {
    const auto connection = connection_;
    const auto what = what_;
    const Deadline deadline(io_.get_executor(), connection->stream(), after(at_most));
    auto piece = co_await connection->read();
    if (!piece && deadline.passed()) co_return fail("read answer", "of " + what, ETIMEDOUT);
    if (!piece) co_return std::unexpected(std::move(piece.error()).in(what));
    co_return piece;
  }

 private:
  asio::io_context& io_;
  const std::shared_ptr<ClientConnection> connection_;
  const std::string what_;
};

/// Would it end its line, or the request line, and begin another?
bool breaks_out(std::string_view text, std::string_view by) {
  return text.find_first_of(by) != std::string_view::npos || text.contains('\0');
}

}  // namespace

class TlsClient::Core {
 public:
  Core(asio::io_context& io, Options options, BaseUrl url)
      : io_(io), options_(std::move(options)), url_(std::move(url)) {
    if (options_.server_name.empty()) options_.server_name = url_.host;
  }

  Result<> configure() { return configure_client(tls_, options_.ca, options_.certificate, options_.key); }

  /// As errors name it: without its query.
  [[nodiscard]] std::string name(const Call& call) const {
    return fmt::format("{} {}://{}{}{}", call.method, url_.tls ? "https" : "http", url_.authority(),
                       url_.prefix, call.target.substr(0, call.target.find('?')));
  }

  /// The request's bytes.
  [[nodiscard]] Result<std::string> render(const Call& call) const {
    if (call.method.empty() || breaks_out(call.method, " \r\n") || !call.target.starts_with('/') ||
        breaks_out(call.target, " \r\n"))
      return fail("send request", "", 0, "its method or target is none");
    auto out = fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\n", call.method, url_.prefix, call.target,
                           url_.authority());
    for (const auto& [name, value] : call.headers) {
      if (name.empty() || breaks_out(name, ": \r\n") || breaks_out(value, "\r\n"))
        return fail("send request", "", 0, fmt::format("header {} is none", name));
      out += fmt::format("{}: {}\r\n", name, value);
    }
    if (options_.token && find_header(call.headers, "Authorization").empty()) {
      const auto token = TRY(options_.token());
      if (breaks_out(token, " \r\n")) return fail("send request", "", 0, "the token is none");
      if (!token.empty()) out += fmt::format("Authorization: Bearer {}\r\n", token);
    }
    if (!call.body.empty() || call.method == "POST" || call.method == "PUT" || call.method == "PATCH")
      out += fmt::format("Content-Length: {}\r\n", call.body.size());
    return out + "\r\n" + call.body;
  }

  Task<Result<std::shared_ptr<ClientConnection>>> connect() {
    auto stream =
        co_await dial(url_, Trust{&tls_, options_.server_name, options_.verify}, after(options_.connect));
    if (!stream) co_return std::unexpected(stream.error());
    co_return std::make_shared<ClientConnection>(std::move(*stream));
  }

  /// A new connection, as far as the headers of the call's answer.
  Task<Result<std::shared_ptr<ClientConnection>>> begin(const Call& call) {
    auto request = render(call);
    if (!request) co_return std::unexpected(std::move(request.error()).in(name(call)));
    auto connection = co_await connect();
    if (!connection) co_return connection;
    const Deadline deadline(io_.get_executor(), (*connection)->stream(), after(options_.request));
    auto answered = co_await (*connection)->ask(std::move(*request), call.method == "HEAD");
    if (!answered && deadline.passed()) co_return too_late(call);
    if (!answered) co_return std::unexpected(std::move(answered.error()).in(name(call)));
    co_return connection;
  }

  Task<Result<Reply>> exchange(ClientConnection& connection, const Call& call, std::string request) {
    const Deadline deadline(io_.get_executor(), connection.stream(), after(options_.request));
    auto answered = co_await connection.ask(std::move(request), call.method == "HEAD");
    if (!answered && deadline.passed()) co_return too_late(call);
    if (!answered) co_return std::unexpected(std::move(answered.error()).in(name(call)));
    Reply out{.status = connection.status(), .headers = connection.headers()};
    for (;;) {
      auto piece = co_await connection.read();
      if (!piece && deadline.passed()) co_return too_late(call);
      if (!piece) co_return std::unexpected(std::move(piece.error()).in(name(call)));
      if (piece->empty()) co_return out;
      if (piece->size() > options_.answer_bytes - out.body.size())
        co_return fail("read answer", "of " + name(call), EFBIG,
                       fmt::format("it is larger than {} bytes", options_.answer_bytes));
      out.body += *piece;
    }
  }

  /// A kept connection, or nothing.
  void forget_idle() { idle_.clear(); }

  std::shared_ptr<ClientConnection> take_idle() {
    while (!idle_.empty()) {
      auto [connection, since] = std::move(idle_.back());
      idle_.pop_back();
      if (Clock::now() - since < kIdle && connection->reusable()) return connection;
    }
    return nullptr;
  }

  void keep(std::shared_ptr<ClientConnection> connection) {
    if (idle_.size() < options_.idle_connections && connection->reusable())
      idle_.emplace_back(std::move(connection), Clock::now());
  }

  [[nodiscard]] asio::io_context& io() const { return io_; }

 private:
  [[nodiscard]] std::unexpected<Error> too_late(const Call& call) const {
    return fail("read answer", "of " + name(call), ETIMEDOUT);
  }

  asio::io_context& io_;
  Options options_;
  const BaseUrl url_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  std::vector<std::pair<std::shared_ptr<ClientConnection>, Clock::time_point>> idle_;
};

TlsClient::TlsClient(std::shared_ptr<Core> core) : core_(std::move(core)) {}
TlsClient::~TlsClient() = default;

Result<std::unique_ptr<TlsClient>> TlsClient::make(asio::io_context& io, Options options) {
  auto url = TRY(parse_base_url(options.url));
  auto core = std::make_shared<Core>(io, std::move(options), std::move(url));
  TRY(core->configure());
  return std::unique_ptr<TlsClient>(new TlsClient(std::move(core)));
}

Task<Result<Reply>> TlsClient::send(Call call) {
  const auto core = core_;
  auto request = core->render(call);
  if (!request) co_return std::unexpected(std::move(request.error()).in(core->name(call)));
  if (const auto kept = core->take_idle()) {
    auto reply = co_await core->exchange(*kept, call, *request);
    if (reply) core->keep(kept);
    const bool again = !reply && kept->silent() && reply.error().sys_errno != ETIMEDOUT &&
                       (call.method == "GET" || call.method == "HEAD");
    if (!again) co_return reply;
  }
  auto connection = co_await core->connect();
  if (!connection) co_return std::unexpected(connection.error());
  auto reply = co_await core->exchange(**connection, call, std::move(*request));
  if (reply) core->keep(std::move(*connection));
  co_return reply;
}

Task<Result<std::unique_ptr<Incoming>>> TlsClient::open(Call call) {
  const auto core = core_;
  auto connection = co_await core->begin(call);
  if (!connection) co_return std::unexpected(connection.error());
  co_return std::make_unique<NetworkIncoming>(core->io(), std::move(*connection), core->name(call));
}

void TlsClient::forget_idle() { core_->forget_idle(); }

Task<Result<Upgraded>> TlsClient::upgrade(Call call) {
  const auto core = core_;
  auto connection = co_await core->begin(call);
  if (!connection) co_return std::unexpected(connection.error());
  auto& c = **connection;
  Upgraded out{.reply = {.status = c.status(), .headers = c.headers()}};
  if (c.status() == 101) {
    c.be_patient();
    out.stream = std::make_unique<UpgradedStream<ClientConnection>>(std::move(*connection));
    co_return out;
  }
  NetworkIncoming incoming(core->io(), *connection, core->name(call));
  auto& said = out.reply.body;
  while (said.size() < kRefusalBytes) {
    const auto piece = co_await incoming.read(std::chrono::seconds(5));
    if (!piece || piece->empty()) break;
    said += piece->substr(0, kRefusalBytes - said.size());
  }
  co_return out;
}

}  // namespace podwire::http
