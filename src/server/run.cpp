#include "server/run.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <deque>

#include "base/file.h"
#include "base/log.h"
#include "base/service_manager.h"
#include "http/local_client.h"
#include "http/server.h"
#include "kube/json.h"
#include "server/access.h"
#include "server/auth/pki.h"
#include "server/bootstrap.h"
#include "server/event_expiry.h"
#include "server/handler.h"
#include "server/own_addresses.h"
#include "server/policy.h"
#include "server/role_sums.h"
#include "server/service_account_guard.h"
#include "server/service_guard.h"
#include "server/service_upkeep.h"

namespace podwire::server {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto kController = "system:kube-controller-manager";
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr auto kPast = 5min;  // what watchers that come back may have missed
constexpr auto kForgetEvery = 30s;
constexpr unsigned kFurnishEvery = 5;  // of the rounds that come every second
constexpr auto kHeadStart =
    100ms;                       // of those who waited for the server, before its own clients read everything
constexpr auto kLastWords = 3s;  // for requests that are at work when the server is told to stop

/// What clients may call the server.
std::vector<IpAddr> addresses_of(const Options& o) {
  std::vector<IpAddr> out{*IpAddr::parse("127.0.0.1"), *IpAddr::parse("::1")};
  if (o.listen_address.is_any()) {
    if (const auto own = own_addresses()) out.insert(out.end(), own->begin(), own->end());
  } else if (!o.listen_address.is_loopback()) {
    out.push_back(o.listen_address);
  }
  for (const auto& range : o.service_cidrs)
    out.push_back(IpAddr::from_value(range.family(), range.first().value() + 1));
  return out;
}

/// Where others reach the server. On "any address" the machine's first of that family; where it has none,
/// loopback.
IpAddr reachable_address(const Options& o) {
  if (!o.listen_address.is_any()) return o.listen_address;
  if (const auto own = own_addresses())
    for (const auto& address : *own)
      if (address.family() == o.listen_address.family()) return address;
  return addresses_of(o)[o.listen_address.is_v4() ? 0 : 1];
}

const std::vector<std::string> kNames{"localhost", "kubernetes", "kubernetes.default",
                                      "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"};

Result<TokenFile> read_tokens(const std::string& path) {
  if (path.empty()) return TokenFile();
  const auto text = TRY(read_file(path));
  auto tokens = TokenFile::parse(text);
  if (!tokens) return std::unexpected(std::move(tokens.error()).in(path));
  return tokens;
}

std::string host_port(const IpAddr& address, std::uint16_t port) {
  const auto shown =
      address.is_any() ? (address.is_v4() ? std::string("127.0.0.1") : std::string("::1")) : address.str();
  return shown.find(':') != std::string::npos ? fmt::format("[{}]:{}", shown, port)
                                              : fmt::format("{}:{}", shown, port);
}

/// Watches remember the last minutes and no more.
Task<void> forget_the_past(Store& store) {
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> revisions;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (true) {
    timer.expires_after(kForgetEvery);
    const auto [error] = co_await timer.async_wait(kTuple);
    if (error) co_return;
    const auto now = std::chrono::steady_clock::now();
    revisions.emplace_back(now, store.revision());
    while (now - revisions.front().first > kPast) {
      store.forget(revisions.front().second);
      revisions.pop_front();
    }
  }
}

/// All the parts, in the order in which they need each other.
class Running {
 public:
  Running(const Options& options, Companion* companion)
      : options_(options), companion_(companion), io_(1), signals_(io_, SIGINT, SIGTERM) {}

  Result<> run() {
    pki_ = TRY(open_pki(options_.data_dir + "/pki", addresses_of(options_), kNames, world_.now()));
    auto tokens = TRY(AccountTokens::open(options_.data_dir + "/pki"));
    auto token_file = TRY(read_tokens(options_.token_file));
    auto node_token = TRY(open_node_token(options_.data_dir, pki_.ca, options_.token));
    StoreOptions store{.path = options_.in_memory ? std::string() : options_.data_dir + "/state.db"};
    if (options_.in_memory)
      store.first_revision = static_cast<std::uint64_t>(world_.now().time_since_epoch().count()) * 1000;
    store_ = TRY(
        Store::open(std::move(store), [this](std::function<void()> f) { asio::post(io_, std::move(f)); }));
    registry_.emplace(kube::Schema::builtin(), *store_, world_,
                      kube::RuleOptions{options_.node_ports.first, options_.node_ports.last});
    const auto pool = guard_services(*registry_, options_);
    upkeep_.emplace(*registry_, pool);
    registry_->guard("namespaces", namespace_guard(*registry_, pki_.ca));
    registry_->guard("pods", service_account_guard(*registry_));
    access_.emplace(*store_, world_, std::move(tokens), std::move(token_file));
    join_.emplace(*registry_, pki_, std::move(node_token), node_config(options_));
    sums_.emplace(io_, *registry_, access_->authorizer());
    access_->on_role_change([this] { sums_->touch(); });
    event_expiry_.emplace(*store_, world_.now, EventExpiry::Limits{.keep = options_.event_ttl});
    asio::co_spawn(io_, start(), asio::detached);
    io_.run();
    local_.reset();
    http_.reset();
    access_.reset();
    event_expiry_.reset();
    upkeep_.reset();
    registry_.reset();
    store_.reset();
    return outcome_;
  }

 private:
  Task<void> start() {
    outcome_ = co_await prepare();
    if (outcome_) co_await serve();
    io_.stop();
  }

  /// Until it can be used.
  Task<Result<>> prepare() {
    if (auto open = open_door(); !open) co_return open;
    auto ready = co_await bootstrap(*registry_, options_, reachable_, port_);
    if (ready) ready = co_await ensure_policy(*registry_);
    sums_->touch();
    if (!ready) co_return fail("create the first objects", options_.data_dir, 0, ready.error().message);
    ready_ = true;
    const auto url = "https://" + host_port(options_.listen_address, port_);
    const auto file = options_.data_dir + "/admin.kubeconfig";
    auto done = write_file_atomic(file, kubeconfig(url, pki_.ca, pki_.admin, pki_.admin_key), 0600);
    if (done) done = notify_service_manager("READY=1");
    if (done) fmt::print(stderr, "podwire server: ready at {}\n  export KUBECONFIG={}\n", url, file);
    co_return done;
  }

  /// Until it is told to stop, and has.
  Task<void> serve() {
    asio::co_spawn(io_, forget_the_past(*store_), asio::detached);
    asio::co_spawn(io_, do_chores(), asio::detached);
    if (companion_ != nullptr) {
      asio::steady_timer pause(io_, kHeadStart);
      [[maybe_unused]] const auto [waited] = co_await pause.async_wait(kTuple);
      outcome_ = companion_->start(io_, *local_);
      if (!outcome_) co_return;
    }
    [[maybe_unused]] const auto [error, signal] = co_await signals_.async_wait(kTuple);
    fmt::print(stderr, "podwire server: asked to stop\n");
    stopping_ = true;
    if (companion_ != nullptr) co_await companion_->stop();
    local_->stop();
    http_->stop();
    asio::steady_timer pause(io_);
    const auto end = std::chrono::steady_clock::now() + kLastWords;
    while (http_->connections() > 0 && std::chrono::steady_clock::now() < end) {
      pause.expires_after(10ms);
      [[maybe_unused]] const auto [waited] = co_await pause.async_wait(kTuple);
    }
    http_->close();
    // Requests hold on to the store: their coroutines end before it does.
    while (http_->connections() + local_->calls() > 0) {
      pause.expires_after(1ms);
      [[maybe_unused]] const auto [waited] = co_await pause.async_wait(kTuple);
    }
  }

  /// What is to be done without anybody asking, a little every second.
  Task<void> do_chores() {
    co_await upkeep_->compare_with_flags(options_.service_cidrs);
    asio::steady_timer timer(io_);
    for (unsigned round = 0;; ++round) {
      event_expiry_->sweep();
      co_await upkeep_->tick();
      if (round % kFurnishEvery == 0) co_await furnish_namespaces(*registry_, pki_.ca);
      timer.expires_after(1s);
      const auto [error] = co_await timer.async_wait(kTuple);
      if (error) co_return;
    }
  }

  /// What /metrics and /readyz look at.
  void report() {
    registry_->observe_commits([this](std::chrono::nanoseconds took, bool failed) {
      metrics_.observe_commit(took);
      storing_ = !failed;
    });
    health_.add({.name = "ping", .passes = [] { return true; }});
    health_.add({.name = "store", .passes = [this] { return storing_; }, .for_readiness_only = true});
    health_.add({.name = "bootstrap", .passes = [this] { return ready_; }, .for_readiness_only = true});
    health_.add({.name = "shutdown", .passes = [this] { return !stopping_; }, .for_readiness_only = true});
    api_->report([this] { return metrics_.text(*store_, limits_); }, health_);
  }

  Result<> open_door() {
    reachable_ = reachable_address(options_);
    api_.emplace(*registry_, *access_, host_port(reachable_, options_.listen_port), "0");
    report();
    const auto handler = api_handler(*api_, *access_, *join_, nodes_, world_, limits_, metrics_);
    http_.emplace(io_, handler, complaint_body);
    local_.emplace(
        io_, handler, complaint_body,
        http::Peer{.address = "", .certificate = true, .common_name = kController, .organizations = {}});
    const http::ServerCertificates certificates{pki_.server, pki_.server_key, pki_.ca};
    auto inherited = TRY(take_inherited_sockets());
    port_ = inherited.empty()
                ? TRY(http_->listen(options_.listen_address, options_.listen_port, certificates))
                : TRY(http_->listen(std::move(inherited), certificates));
    return {};
  }

  const Options& options_;
  Companion* companion_;
  World world_ = real_world();
  RequestLimits limits_;  // before io_: requests that are cut off give back their places when it ends
  Metrics metrics_;
  asio::io_context io_;
  asio::signal_set signals_;
  Pki pki_;
  NodeProxy nodes_{io_, pki_};
  std::unique_ptr<Store> store_;
  std::optional<Registry> registry_;
  std::optional<Access> access_;
  std::optional<NodeJoin> join_;
  std::optional<RoleSums> sums_;
  std::optional<EventExpiry> event_expiry_;
  std::optional<ServiceUpkeep> upkeep_;
  Health health_;
  bool storing_ = true;  ///< the last commit was not refused for a fault of the disk
  bool ready_ = false, stopping_ = false;
  std::optional<Api> api_;
  std::optional<http::Server> http_;
  std::optional<http::LocalClient> local_;
  IpAddr reachable_;
  std::uint16_t port_ = 0;
  Result<> outcome_;
};

}  // namespace

Result<> run_server(const Options& options, Companion* companion) {
  TRY(make_directories(options.data_dir));
  return Running(options, companion).run();
}

}  // namespace podwire::server
