#include "http/local_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <unordered_set>

#include "http/local_exchange.h"

namespace podwire::http {
namespace {

namespace asio = boost::asio;

/// A caller's hold on an exchange: the handler learns when it is let go.
class LocalIncoming final : public Incoming {
 public:
  explicit LocalIncoming(std::shared_ptr<LocalExchange> exchange) : exchange_(std::move(exchange)) {}
  LocalIncoming(const LocalIncoming&) = delete;
  LocalIncoming& operator=(const LocalIncoming&) = delete;
  ~LocalIncoming() override { exchange_->leave(); }

  [[nodiscard]] int status() const override { return exchange_->status(); }
  [[nodiscard]] const Headers& headers() const { return exchange_->headers(); }
  [[nodiscard]] std::string_view header(std::string_view name) const override {
    return find_header(headers(), name);
  }
  Task<Result<std::string>> read(std::chrono::milliseconds at_most) override {
    return exchange_->read(after(at_most));
  }

 private:
  std::shared_ptr<LocalExchange> exchange_;
};

}  // namespace

class LocalClient::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(asio::io_context& io, Handler handler, Complain complain, Peer peer, std::size_t buffer)
      : io_(io),
        handler_(std::move(handler)),
        complain_(std::move(complain)),
        peer_(std::move(peer)),
        buffer_(buffer) {}

  Result<std::shared_ptr<LocalExchange>> begin(Call call) {
    if (stopping_) return fail("call", call.method + " " + call.target, 0, "the server stops");
    Request request{.method = std::move(call.method),
                    .headers = std::move(call.headers),
                    .body = std::move(call.body),
                    .peer = peer_};
    auto target = parse_target(call.target);
    if (target) request.target = std::move(*target);
    auto exchange = std::make_shared<LocalExchange>(io_, std::move(request), buffer_);
    if (target) {
      exchanges_.insert(exchange.get());
      asio::co_spawn(io_, run(shared_from_this(), exchange), asio::detached);
    } else {
      exchange->refuse(400, complain_(400, target.error().message()));
    }
    return exchange;
  }

  void stop() {
    stopping_ = true;
    for (auto* exchange : exchanges_) exchange->stop();
  }

  [[nodiscard]] std::size_t calls() const { return exchanges_.size(); }

 private:
  static Task<void> run(std::shared_ptr<Core> self, std::shared_ptr<LocalExchange> exchange) {
    co_await exchange->run(self->handler_, self->complain_);
    self->exchanges_.erase(exchange.get());
  }

  asio::io_context& io_;
  const Handler handler_;
  const Complain complain_;
  const Peer peer_;
  const std::size_t buffer_;
  std::unordered_set<LocalExchange*> exchanges_;
  bool stopping_ = false;
};

LocalClient::LocalClient(asio::io_context& io, Handler handler, Complain complain, Peer peer,
                         std::size_t buffer)
    : core_(std::make_shared<Core>(io, std::move(handler), std::move(complain), std::move(peer), buffer)) {}
LocalClient::~LocalClient() { core_->stop(); }
void LocalClient::stop() { core_->stop(); }
std::size_t LocalClient::calls() const { return core_->calls(); }

Task<Result<std::unique_ptr<Incoming>>> LocalClient::open(Call call) {
  auto exchange = core_->begin(std::move(call));
  if (!exchange) co_return std::unexpected(exchange.error());
  auto incoming = std::make_unique<LocalIncoming>(*exchange);
  auto ready = co_await (*exchange)->answered();
  if (!ready) co_return std::unexpected(ready.error());
  co_return std::unique_ptr<Incoming>(std::move(incoming));
}

Task<Result<Reply>> LocalClient::send(Call call) {
  auto incoming = co_await open(std::move(call));
  if (!incoming) co_return std::unexpected(incoming.error());
  auto& answer = static_cast<LocalIncoming&>(**incoming);
  Reply reply{.status = answer.status(), .headers = answer.headers()};
  for (;;) {
    auto piece = co_await answer.read(std::chrono::milliseconds::max());
    if (!piece) co_return std::unexpected(piece.error());
    if (piece->empty()) co_return reply;
    reply.body += *piece;
  }
}

}  // namespace podwire::http
