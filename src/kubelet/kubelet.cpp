#include "kubelet/kubelet.h"

#include <map>

#include "base/file.h"
#include "client/informer.h"
#include "kubelet/pod_worker.h"

namespace podwire::kubelet {

/// All the parts, while it runs.
class Kubelet::Running {
 public:
  Running(const Options& options, const agent::Site& site, std::string boot, std::string program)
      : images_(options.image_dir, std::move(program)),
        blocking_(kThreads),
        recorder_(site.io, site.api, wall_clock),
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
              .boot = std::move(boot),
              .images = images_,
              .blocking = blocking_,
              .recorder = recorder_},
        pods_(node_.api, {.resource = "pods", .field_selector = "spec.nodeName=" + site.node_name}),
        tasks_(site.io) {
    for (const auto& address : site.node_addresses) node_.addresses.push_back(address.str());
  }

  Result<> start() {
    for (const auto& directory : {node_.places.pods(), node_.places.memory, node_.places.runc})
      TRY(make_directories(directory));
    pods_.on_change([this](const auto& before, const auto& after) { on_pod(before, after); });
    pods_.on_progress([this] { sweep(); });
    tasks_.spawn(recorder_.run());
    tasks_.spawn(pods_.run());
    return {};
  }

  Task<void> stop() {
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  static constexpr std::size_t kThreads = 3;
  using Ptr = std::shared_ptr<const Pod>;

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
  Node node_;
  client::Informer<Pod> pods_;
  std::map<std::string, std::shared_ptr<PodWorker>> workers_;  ///< by uid
  bool swept_ = false;
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
