#include "agent/run.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <optional>

#include "agent/conflist.h"
#include "agent/join.h"
#include "agent/pod_network.h"
#include "agent/registration.h"
#include "agent/underlay.h"
#include "base/file.h"
#include "base/log.h"
#include "base/service_manager.h"
#include "client/backoff.h"
#include "client/in_cluster.h"
#include "client/kubeconfig.h"
#include "client/tasks.h"
#include "http/tls_client.h"
#include "kernel/host.h"

namespace podwire::agent {
namespace {

namespace asio = boost::asio;
using client::Task;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// Ranges of one kind must not hold what is of another.
Result<> check_ranges(const ClusterFacts& cluster, std::span<const IpAddr> addresses) {
  for (const auto& pods : cluster.cluster_cidrs)
    for (const auto& services : cluster.service_cidrs)
      if (pods.overlaps(services))
        return fail("use cluster CIDR", pods.str(), 0,
                    fmt::format("it overlaps the service range {}: an address would be a pod's and a "
                                "Service's",
                                services.str()));
  for (const auto& address : addresses)
    for (const auto* ranges : {&cluster.cluster_cidrs, &cluster.service_cidrs})
      for (const auto& range : *ranges)
        if (range.contains(address))
          return fail("use node address", address.str(), 0,
                      fmt::format("it lies in {}, from which {} get theirs; give the node another one "
                                  "(--node-ip), or the cluster another range",
                                  range.str(), ranges == &cluster.cluster_cidrs ? "pods" : "Services"));
  return {};
}

/// All the parts, in the order in which they need each other.
class Running {
 public:
  Running(Options options, Companion* companion)
      : options_(std::move(options)),
        companion_(companion),
        io_(1),
        signals_(io_, SIGINT, SIGTERM),
        tasks_(io_) {}

  Result<> run() {
    kernel_ = TRY(NodeKernel::open(io_, kernel::real_host()));
    addresses_ = options_.node_ips.empty() ? TRY(machine_addresses(kernel_->rtnl())) : options_.node_ips;
    if (options_.run_pods && addresses_.empty())
      return fail("find", "the node's address", 0,
                  "no link has a global one; give it one, or say which it is by --node-ip");
    asio::co_spawn(io_, stop(), asio::detached);  // first: what start() finds may be the end already
    tasks_.spawn(start());
    io_.run();
    return outcome_;
  }

 private:
  void end(Result<> outcome) {
    if (outcome_) outcome_ = std::move(outcome);
    signals_.cancel();
  }

  Task<void> stop() {
    [[maybe_unused]] const auto [error, signal] = co_await signals_.async_wait(kTuple);
    if (outcome_) fmt::print(stderr, "podwire agent: asked to stop; the network stays as it is\n");
    if (companion_ != nullptr && companion_started_) co_await companion_->stop();
    tasks_.cancel();
    co_await tasks_.join();
    io_.stop();
  }

  Task<void> start() {
    auto connection = co_await connect();
    if (!connection) co_return end(std::unexpected(connection.error()));
    if (auto fits = check_ranges(cluster_, addresses_); !fits) co_return end(std::move(fits));
    auto options = client::tls_options(*connection);
    auto made = http::TlsClient::make(io_, std::move(options));
    if (!made) co_return end(std::unexpected(made.error()));
    http_ = std::move(*made);
    if (auto begun = begin(); !begun) end(std::move(begun));
  }

  /// By --server and --token until it has worked; else by what is written.
  Task<Result<client::Connection>> connect() {
    if (!options_.join)
      co_return options_.kubeconfig.empty() ? client::in_cluster(client::InCluster::real())
                                            : client::read_kubeconfig(options_.kubeconfig);
    Trouble trouble("join the cluster at " + options_.join->url);
    client::Backoff backoff;
    auto& clock = client::Clock::real();
    while (true) {
      JoinRequest request{.url = options_.join->url,
                          .token = options_.join->token,
                          .node = options_.node_name,
                          .addresses = addresses_,
                          .data_dir = options_.data_dir};
      auto joined = co_await join_cluster(io_, std::move(request));
      if (joined) {
        take(std::move(*joined));
        break;
      }
      if (joined.error().lasts) co_return std::unexpected(std::move(joined.error().error));
      trouble.failed(joined.error().error.message());
      co_await clock.sleep(backoff.failed(clock.now(), clock.chance()));
    }
    trouble.worked();
    client::Connection out{.url = options_.join->url};
    out.ca = identity_.ca;
    out.certificate = identity_.certificate;
    out.key = identity_.key;
    co_return out;
  }

  /// Flags count before what the server says.
  void take(Joined joined) {
    identity_ = std::move(joined.identity);
    cluster_ = std::move(joined.cluster);
    if (!options_.cluster_cidrs.empty()) cluster_.cluster_cidrs = options_.cluster_cidrs;
    options_.cluster_cidrs = cluster_.cluster_cidrs;
    if (options_.cluster_dns.empty()) options_.cluster_dns = cluster_.cluster_dns;
    if (options_.cluster_domain.empty()) options_.cluster_domain = cluster_.cluster_domain;
  }

  Result<> begin() {
    client::Api api(*http_, kube::Schema::builtin(), "podwire-agent");
    client::Selection nodes{.resource = "nodes"};
    nodes_.emplace(api, std::move(nodes));
    network_.emplace(io_, api, *nodes_, *kernel_, options_);
    network_->on_readiness([this] { on_readiness(); });
    if (options_.run_pods || !options_.node_ips.empty()) network_->set_addresses(addresses_);
    if (options_.run_pods) {
      NodeClaim claim{.name = options_.node_name, .addresses = addresses_, .machine = TRY(read_machine())};
      registration_.emplace(io_, api, *nodes_, std::move(claim));
      tasks_.spawn(registration_->keep_node());
      tasks_.spawn(registration_->keep_lease());
    }
    TRY(make_directories(kAgentRunDir));
    alive_.emplace(
        TRY(FileLock::acquire(fmt::format("{}/{}", kAgentRunDir, kAliveFile), std::chrono::seconds(10))));
    on_readiness();
    kernel_->on_disturbance([this] { on_disturbance(); });
    tasks_.spawn(nodes_->run());
    tasks_.spawn(network_->run());
    tasks_.spawn(kernel_->watch_network());
    tasks_.spawn(kernel_->watch_table());
    tasks_.spawn(kernel_->watch_settings());
    return {};
  }

  void on_disturbance() {
    if (registration_ && options_.node_ips.empty()) {
      // A machine that has lost its address keeps the Node's until it has another one.
      auto now = machine_addresses(kernel_->rtnl());
      if (now && !now->empty() && *now != addresses_) {
        addresses_ = *now;
        http_->forget_idle();  // what was sent by the old address is answered to nobody
        network_->set_addresses(*now);
        registration_->set_addresses(std::move(*now));
      }
    }
    network_->touch();
  }

  void on_readiness() {
    const auto& now = network_->readiness();
    if (const auto told = write_file_atomic(fmt::format("{}/{}", kAgentRunDir, kReadyFile),
                                            now.ready ? "" : now.why, 0644, Durability::until_reboot);
        !told)
      log::warn("container runtimes cannot be told how the agent is", {{"why", told.error().message()}});
    if (now.ready && !companion_started_) {
      fmt::print(stderr, "podwire agent: node {} is ready for pods\n", options_.node_name);
      if (auto told = notify_service_manager("READY=1"); !told) log::warn(told.error().message());
      companion_started_ = true;  // what has begun and then fails has to be stopped, too
      if (companion_ != nullptr) {
        if (auto started = companion_->start(site()); !started) return end(std::move(started));
      }
    }
    if (!registration_) return;
    if (now.ready)
      registration_->set_ready(true, "KubeletReady", "podwire agent is posting ready status");
    else
      registration_->set_ready(false, "KubeletNotReady",
                               "container runtime network not ready: NetworkReady=false "
                               "reason:NetworkPluginNotReady message:" +
                                   now.why);
  }

  Site site() {
    const auto node = nodes_->find("", options_.node_name);
    return {.io = io_,
            .api = client::Api(*http_, kube::Schema::builtin(), "podwire-agent"),
            .node_name = options_.node_name,
            .node_uid = node ? node->meta.uid : "",
            .node_addresses = addresses_,
            .data_dir = options_.data_dir,
            .conflist = options_.cni_conf_dir + "/" + kConflistName,
            .cni_bin_dir = options_.cni_bin_dir,
            .cluster_dns = options_.cluster_dns,
            .cluster_domain = options_.cluster_domain,
            .cluster_cidrs = options_.cluster_cidrs,
            .service_cidrs = cluster_.service_cidrs,
            .cluster_ca = identity_.ca,
            .certificate = identity_.certificate,
            .key = identity_.key};
  }

  Options options_;
  Companion* companion_;
  asio::io_context io_;
  asio::signal_set signals_;
  std::unique_ptr<NodeKernel> kernel_;
  std::vector<IpAddr> addresses_;  ///< the node's
  Identity identity_;
  ClusterFacts cluster_;
  std::unique_ptr<http::TlsClient> http_;
  std::optional<client::Informer<kube::Node>> nodes_;
  std::optional<Registration> registration_;
  std::optional<PodNetwork> network_;
  client::Tasks tasks_;  // after what its coroutines use
  std::optional<FileLock> alive_;
  bool companion_started_ = false;
  Result<> outcome_;
};

}  // namespace

Result<> run_agent(Options options, Companion* companion) {
  return Running(std::move(options), companion).run();
}

}  // namespace podwire::agent
