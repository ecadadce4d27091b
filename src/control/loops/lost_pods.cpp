#include <unordered_map>

#include "control/loops/keys.h"
#include "control/loops/parts.h"
#include "control/pod_collector.h"

namespace podwire::control {
namespace {

using namespace std::chrono_literals;

constexpr auto kCountEvery = 20s;  ///< while there are more finished pods than are kept

/// Keys: "/name" a node that pods are bound to, "" all finished pods.
class LostPods final : public Loop {
 public:
  explicit LostPods(Surroundings& around) : Loop(around, "pod-garbage-collector", {"nodes", "pods"}) {
    caches().nodes.on_change([this](const auto& before, const auto& after) {
      if (after) {
        missing_.erase(after->meta.name);
      } else {
        touch(key_of(before->meta));
      }
    });
    caches().pods.on_change([this](const auto& before, const auto& after) {
      finished_ -= before && kube::is_finished(*before) ? 1 : 0;
      finished_ += after && kube::is_finished(*after) ? 1 : 0;
      if (finished_ > kFinishedPodsKept) touch_at("", now() + kCountEvery);
      if (!after || after->spec.node_name.empty()) return;
      if (!caches().nodes.find("", after->spec.node_name)) touch(key_of("", after->spec.node_name));
    });
  }

 private:
  http::Task<Decision> decide(std::string key) override {
    if (key.empty()) co_return Decision{.actions = over_number()};
    const auto name = key.substr(1);
    Held<kube::Pod> pods;
    pods.add_all(caches().pods_by_node.at(name));
    if (pods.pointers().empty() || caches().nodes.find("", name)) {
      missing_.erase(name);
      co_return Decision{};
    }
    const auto since = missing_.try_emplace(name, now()).first->second;
    if (now() < since + kNodeQuarantine) co_return Decision{.look_again = since + kNodeQuarantine};
    // The watch may be behind: a node that is there must not lose its pods.
    const client::ObjectPath path{"nodes", "", name, ""};
    const auto there = co_await api().get(path);
    if (there || there.error().code != 404) co_return Decision{.look_again = now() + kNodeQuarantine};
    co_return Decision{.actions = collect_orphans(pods.pointers(), now())};
  }

  [[nodiscard]] Actions over_number() const {
    std::vector<const kube::Pod*> finished;
    for (const auto& [key, pod] : caches().pods.all())
      if (kube::is_finished(*pod)) finished.push_back(pod.get());
    return collect_finished(std::move(finished));
  }

  std::unordered_map<std::string, kube::Time> missing_;  // nodes, and since when that is known
  std::size_t finished_ = 0;                             // pods
};

}  // namespace

std::unique_ptr<Loop> lost_pods(Surroundings& around) { return std::make_unique<LostPods>(around); }

}  // namespace podwire::control
