#include "kubelet/kubelet.h"

#include <map>
#include <utility>

#include "agent/node_object.h"
#include "base/file.h"
#include "client/informer.h"
#include "kubelet/pod_streams.h"
#include "streaming/node_handler.h"

namespace podwire::kubelet {

/// All the parts, while it runs.
class Kubelet::Running {
 public:
  Running(const Options& options, const agent::Site& site, std::string boot, std::string program)
      : images_(options.image_dir, std::move(program)),
        blocking_(kThreads),
        recorder_(site.io, site.api, wall_clock),
        services_(site.api, {.resource = "services"}),
        node_{.io = site.io,
              .api = site.api,
              .name = site.node_name,
              .addresses = {},
              .places = {.state = site.data_dir + "/kubelet",
                         .memory = options.run_dir + "/volumes",
                         .netns = options.netns_dir,
                         .runc = options.run_dir + "/runc",
                         .logs = options.log_dir,
                         .images = options.image_dir},
              .network = {.conflist = site.conflist,
                          .bin_dir = site.cni_bin_dir,
                          .addresses = site.node_addresses},
              .dns = {.servers = {}, .domain = site.cluster_domain},
              .boot = std::move(boot),
              .images = images_,
              .blocking = blocking_,
              .recorder = recorder_,
              .services = services_},
        streams_(node_,
                 [this](const auto& ns, const auto& pod, const auto& uid) { return find(ns, pod, uid); }),
        certificates_{site.certificate, site.key, site.cluster_ca},
        pods_(node_.api, {.resource = "pods", .field_selector = "spec.nodeName=" + site.node_name}),
        tasks_(site.io) {
    for (const auto& address : site.node_addresses) node_.addresses.push_back(address.str());
    for (const auto& server : site.cluster_dns) node_.dns.servers.push_back(server.str());
  }

  Result<> start() {
    for (const auto& directory : {node_.places.pods(), node_.places.memory, node_.places.runc})
      TRY(make_directories(directory));
    pods_.on_change([this](const auto& before, const auto& after) { on_pod(before, after); });
    pods_.on_progress([this] { sweep(); });
    TRY(serve());
    tasks_.spawn(recorder_.run());
    tasks_.spawn(services_.run());
    // The first containers know the Services, as those of a kubelet do.
    services_.on_progress([this] {
      if (!std::exchange(begun_, services_.synced())) tasks_.spawn(pods_.run());
    });
    return {};
  }

  Task<void> stop() {
    for (const auto& server : servers_) {
      server->stop();
      server->close();
    }
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  static constexpr std::size_t kThreads = 3;
  using Ptr = std::shared_ptr<const Pod>;

  /// Where the API server asks for logs and the like: on all of the node's addresses.
  Result<> serve() {
    if (certificates_.chain.empty()) return {};  // nobody would believe us
    for (const auto& address : node_.network.addresses) {
      auto& server = servers_.emplace_back(std::make_unique<http::Server>(
          node_.io, streaming::node_handler(streams_), streaming::plain_complaint));
      TRY(server->listen(address, agent::kKubeletPort, certificates_));
    }
    return {};
  }

  std::shared_ptr<PodWorker> find(const std::string& ns, const std::string& pod, const std::string& uid) {
    for (const auto& [key, worker] : workers_) {
      const auto& meta = worker->pod().meta;
      if (meta.name == pod && meta.namespace_ == ns && (uid.empty() || uid == meta.uid)) return worker;
    }
    return nullptr;
  }

  void on_pod(const Ptr& before, const Ptr& after) {
    if (after == nullptr) {
      if (const auto known = workers_.find(before->meta.uid); known != workers_.end()) known->second->gone();
      return;
    }
    if (const auto known = workers_.find(after->meta.uid); known != workers_.end())
      known->second->update(after);
    else
      begin(after);
  }

  std::shared_ptr<PodWorker> begin(const Ptr& pod) {
    auto worker = std::make_shared<PodWorker>(node_, pod);
    workers_[pod->meta.uid] = worker;
    tasks_.spawn(work(worker));
    return worker;
  }

  Task<void> work(std::shared_ptr<PodWorker> worker) {
    co_await worker->run();
    workers_.erase(worker->pod().meta.uid);
  }

  /// Once all pods are known: what is here of others goes.
  void sweep() {
    if (swept_ || !pods_.synced()) return;
    swept_ = true;
    const auto uids = list_directory(node_.places.pods());
    if (!uids) return;
    for (const auto& uid : *uids) {
      if (workers_.contains(uid)) continue;
      auto pod = std::make_shared<Pod>();
      pod->meta.uid = uid;
      if (const auto record = read_sandbox(node_.places, uid); record && *record) {
        pod->meta.name = (*record)->pod_name;
        pod->meta.namespace_ = (*record)->pod_namespace;
      }
      begin(pod)->gone();
    }
  }

  Images images_;
  Blocking blocking_;
  control::Recorder recorder_;
  client::Informer<kube::Service> services_;
  Node node_;
  PodStreams streams_;
  http::ServerCertificates certificates_;
  std::vector<std::unique_ptr<http::Server>> servers_;  ///< one an address
  client::Informer<Pod> pods_;
  std::map<std::string, std::shared_ptr<PodWorker>> workers_;  ///< by uid
  bool swept_ = false, begun_ = false;
  client::Tasks tasks_;  // after what its coroutines use
};

Kubelet::Kubelet(Options options) : options_(std::move(options)) {}
Kubelet::~Kubelet() = default;

Result<> Kubelet::start(const agent::Site& site) {
  auto program = TRY(find_plugin(site.cni_bin_dir, "podwire-cni"));
  running_ = std::make_unique<Running>(options_, site, TRY(boot_id()), std::move(program));
  return running_->start();
}

http::Task<void> Kubelet::stop() {
  if (running_) co_await running_->stop();
}

}  // namespace podwire::kubelet
