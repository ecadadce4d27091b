#include "agent/service_proxy.h"

#include <cerrno>
#include <map>
#include <set>

#include "agent/service_flows.h"
#include "agent/trouble.h"
#include "agent/wakeup.h"
#include "apply/podwire_table.h"
#include "apply/service_affinity.h"
#include "apply/service_applier.h"
#include "base/log.h"
#include "client/index.h"
#include "client/informer.h"
#include "client/tasks.h"
#include "kernel/host.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/node.h"
#include "kube/types/service.h"
#include "plan/service_tables.h"

namespace podwire::agent {
namespace {

using client::Task;

constexpr std::string_view kServiceName = "kubernetes.io/service-name";
constexpr std::chrono::seconds kFullLook{30};
constexpr std::chrono::milliseconds kGlance{700};  // what others delete is back within a second

std::string key_of(std::string_view ns, std::string_view name) {
  return std::string(ns) + "/" + std::string(name);
}

client::Selection everything(const char* resource) {
  client::Selection out;
  out.resource = resource;
  return out;
}

/// Slices that are mirrored for headless Services are no proxy's business; the label would say so.
client::Selection slices_of_services() {
  auto out = everything("endpointslices.discovery.k8s.io");
  out.label_selector = "!service.kubernetes.io/headless";
  return out;
}

apply::ServiceChange to_apply(plan::TableChange change) {
  apply::ServiceChange out{.remove = std::move(change.remove), .add = std::move(change.add), .chains = {}};
  for (const auto& chain : change.chains) out.chains.emplace_back(chain, plan::chain_text(chain));
  return out;
}

}  // namespace

class ServiceProxy::Core {
 public:
  Core(const Site& site, const ServiceProxyOptions& options, std::unique_ptr<kernel::Nft> nft,
       std::unique_ptr<kernel::Conntrack> conntrack)
      : site_(site),
        api_(site.api),
        nft_(std::move(nft)),
        applier_(*nft_),
        flows_(std::move(conntrack)),
        services_(api_, everything("services")),
        slices_(api_, slices_of_services()),
        slices_of_(slices_,
                   [](const kube::EndpointSlice& slice) {
                     return std::vector<std::string>{
                         key_of(slice.meta.namespace_, kube::text_of(slice.meta.labels, kServiceName))};
                   }),
        self_(api_, own_node(site.node_name)),
        changed_(site.io),
        trouble_("hold the Services' tables"),
        tasks_(site.io) {
    options_ = {.node = {.name = site.node_name, .zone = {}},
                .node_addresses = site.node_addresses,
                .external_ips = options.external_ips,
                .masquerade_all = options.masquerade_all};
    tables_.set_site({.service_cidrs = site.service_cidrs,
                      .pod_cidrs = site.cluster_cidrs,
                      .node_port_addresses = options.node_port_addresses.empty()
                                                 ? site.node_addresses
                                                 : options.node_port_addresses});
    services_.on_change([this](const auto& before, const auto& after) {
      const auto& meta = (after ? after : before)->meta;
      touch(key_of(meta.namespace_, meta.name));
    });
    slices_.on_change([this](const auto& before, const auto& after) {
      for (const auto& slice : {before, after})
        if (slice) touch(key_of(slice->meta.namespace_, kube::text_of(slice->meta.labels, kServiceName)));
    });
    self_.on_change([this](const auto&, const auto& after) {
      if (!after || kube::zone_of(*after) == options_.node.zone) return;
      options_.node.zone = kube::zone_of(*after);
      for (const auto& [key, service] : services_.all()) touch(key_of(key.first, key.second));
    });
    services_.on_progress([this] { changed_.set(); });
    slices_.on_progress([this] { changed_.set(); });
  }

  void start() {
    tasks_.spawn(services_.run());
    tasks_.spawn(slices_.run());
    tasks_.spawn(self_.run());
    tasks_.spawn(work());
  }
  Task<void> stop() {
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  static client::Selection own_node(const std::string& name) {
    auto out = everything("nodes");
    out.field_selector = "metadata.name=" + name;
    return out;
  }

  void touch(std::string key) {
    touched_.insert(std::move(key));
    changed_.set();
  }

  /// All that came in together is done together.
  Task<void> work() {
    auto& clock = client::Clock::real();
    while (true) {
      co_await changed_.wait(clock.now() + kGlance);
      if (!services_.synced() || !slices_.synced()) continue;
      const bool look = !is_held_ || clock.now() >= next_look_ || is_lost();
      auto done = plan_touched();
      if (done) done = look ? hold() : change();
      if (!done) {
        is_held_ = false;
        trouble_.failed(done.error().message());
      } else {
        if (look) next_look_ = clock.now() + kFullLook;
        is_held_ = true;
        trouble_.worked();
        flows_.settle();
      }
    }
  }

  /// Errors: what is there from before us cannot be read; nothing was planned.
  Result<> plan_touched() {
    if (!adopted_) {
      auto there = applier_.read();
      if (!there) return std::unexpected(std::move(there.error()));
      tables_.adopt(*there);
      adopted_ = true;
    }
    for (const auto& key : std::exchange(touched_, {})) {
      const auto slash = key.find('/');
      const auto service = services_.find(key.substr(0, slash), key.substr(slash + 1));
      if (!service) {
        tables_.erase(key);
        flows_.forget(key);
        said_.erase(key);
        continue;
      }
      std::vector<const kube::EndpointSlice*> slices;
      for (const auto& slice : slices_of_.at(key)) slices.push_back(slice.get());
      const auto planned = plan::plan_service(*service, slices, options_);
      const auto created =
          std::chrono::duration_cast<std::chrono::seconds>(service->meta.created.time_since_epoch());
      say(key, tables_.set({created.count(), key}, planned));
      flows_.note(key, planned);
    }
    return {};
  }

  void say(const std::string& key, const std::vector<std::string>& problems) {
    if (said_[key] == problems) return;
    for (const auto& problem : problems) log::warn(problem, {{"service", key}});
    said_[key] = problems;
  }

  /// Whether somebody has deleted our sets, with the whole table or the whole ruleset. Costs one look-up.
  bool is_lost() {
    const auto seen = nft_->get(apply::podwire_set("classes"), state::NftBytes().mark(0));
    return !seen && seen.error().sys_errno == ENOENT;
  }

  Result<> change() {
    auto change = tables_.take_change();
    if (change.empty()) return {};
    const auto wanted = to_apply(std::move(change));
    TRY(applier_.apply(wanted));
    TRY(apply::follow_affinity(*nft_, wanted));
    return {};
  }

  /// Compares everything with what the kernel has: at the start, after an error, and now and then.
  Result<> hold() {
    static_cast<void>(tables_.take_change());
    std::vector<std::pair<std::string, std::string>> chains;
    for (const auto& chain : tables_.chains()) chains.emplace_back(chain, plan::chain_text(chain));
    const auto done = TRY(applier_.hold(tables_.wanted(), chains));
    TRY(apply::follow_affinity(*nft_, done));
    return {};
  }

  Site site_;
  client::Api api_;
  std::unique_ptr<kernel::Nft> nft_;
  apply::ServiceApplier applier_;
  ServiceFlows flows_;
  client::Informer<kube::Service> services_;
  client::Informer<kube::EndpointSlice> slices_;
  client::Index<kube::EndpointSlice> slices_of_;
  client::Informer<kube::Node> self_;
  plan::ProxyOptions options_;
  plan::ServiceTables tables_;
  std::set<std::string> touched_;
  std::map<std::string, std::vector<std::string>> said_;  ///< problems that the log has been told
  Wakeup changed_;
  Trouble trouble_;
  bool adopted_ = false, is_held_ = false;
  client::Clock::Time next_look_{};
  client::Tasks tasks_;  // after what its coroutines use
};

ServiceProxy::ServiceProxy(ServiceProxyOptions options) : options_(std::move(options)) {}
ServiceProxy::~ServiceProxy() = default;

Result<> ServiceProxy::start(const Site& site) {
  auto& host = kernel::real_host();
  const auto netns = TRY(host.current_netns());
  auto nft = TRY(host.nft(netns));
  auto conntrack = TRY(host.conntrack(netns));
  core_ = std::make_unique<Core>(site, options_, std::move(nft), std::move(conntrack));
  core_->start();
  return {};
}

http::Task<void> ServiceProxy::stop() {
  if (core_ != nullptr) co_await core_->stop();
}

}  // namespace podwire::agent
