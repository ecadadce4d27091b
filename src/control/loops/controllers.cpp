#include "control/loops/controllers.h"

#include <algorithm>

#include "control/loops/parts.h"
#include "control/loops/recorder.h"

namespace podwire::control {
namespace {

kube::Time system_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

struct Part {
  std::string_view name;
  std::unique_ptr<Loop> (*make)(Surroundings&);
};
constexpr Part kParts[] = {
    {"replicaset-controller", replica_sets},
    {"deployment-controller", deployments},
    {"daemonset-controller", daemon_sets},
    {"default-scheduler", scheduling},
    {"endpoint-slice-controller", endpoint_slices},
    {"endpoint-controller", endpoints},
    {"node-controller", node_lifecycle},
    {"garbage-collector-controller", garbage},
    {"pod-garbage-collector", lost_pods},
    {"namespace-controller", namespaces},
};

}  // namespace

class Controllers::Core {
 public:
  Core(boost::asio::io_context& io, client::Api api, ControllerOptions options)
      : options_(std::move(options)),
        now_(options_.now ? options_.now : system_now),
        api_(std::move(api)),
        caches_(api_, kube::Schema::builtin()),
        sightings_(caches_),
        recorder_(io, api_, now_),
        tasks_(io),
        around_{io, api_, now_, caches_, sightings_, recorder_, tasks_} {}

  Result<> start() {
    if (!options_.cluster_cidrs.empty() && is_wanted("cidrAllocator")) {
      auto ranges =
          TRY(plan::PodCidrs::over(options_.cluster_cidrs, options_.node_masks, options_.service_cidrs));
      loops_.push_back(pod_cidrs(around_, std::move(ranges)));
    }
    if (!options_.lb_pool.empty() && is_wanted("service-controller")) {
      auto pool = TRY(plan::LbPool::over(options_.lb_pool));
      loops_.push_back(load_balancers(around_, std::move(pool)));
    }
    for (const auto& [name, make] : kParts)
      if (is_wanted(name)) loops_.push_back(make(around_));
    tasks_.spawn(recorder_.run());
    for (const auto& loop : loops_) tasks_.spawn(loop->run());
    for (const auto& source : caches_.sources()) tasks_.spawn(source->run());
    return {};
  }

  http::Task<void> stop() {
    tasks_.cancel();
    return tasks_.join();
  }

 private:
  /// Asked before it is made: what is made listens to the caches.
  [[nodiscard]] bool is_wanted(std::string_view name) const {
    return std::ranges::find(options_.disabled, name) == options_.disabled.end();
  }
  ControllerOptions options_;
  std::function<kube::Time()> now_;
  client::Api api_;
  Caches caches_;
  Sightings sightings_;
  Recorder recorder_;
  client::Tasks tasks_;
  Surroundings around_;
  std::vector<std::unique_ptr<Loop>> loops_;
};

Controllers::Controllers(boost::asio::io_context& io, client::Api api, ControllerOptions options)
    : core_(std::make_unique<Core>(io, std::move(api), std::move(options))) {}
Controllers::~Controllers() = default;
Result<> Controllers::start() { return core_->start(); }
http::Task<void> Controllers::stop() { return core_->stop(); }

}  // namespace podwire::control
