#include <tuple>

#include "control/availability.h"
#include "control/daemon_set.h"
#include "control/loops/keys.h"
#include "control/loops/parts.h"

namespace podwire::control {
namespace {

/// What decides whether daemons run on a node; not its heartbeats.
bool changes_daemons(const kube::Node* before, const kube::Node* after) {
  if (before == nullptr || after == nullptr) return true;
  const auto what = [](const kube::Node& n) { return std::tie(n.meta.labels, n.taints, n.unschedulable); };
  return what(*before) != what(*after);
}

class DaemonSets final : public Loop {
 public:
  explicit DaemonSets(Surroundings& around)
      : Loop(around, "daemonset-controller", {"daemonsets.apps", "pods", "nodes"}) {
    caches().daemon_sets.on_change(
        [this](const auto& before, const auto& after) { touch(key_of((after ? after : before)->meta)); });
    caches().nodes.on_change([this](const auto& before, const auto& after) {
      if (!changes_daemons(before.get(), after.get())) return;
      for (const auto& [key, set] : caches().daemon_sets.all()) touch(key_of(set->meta));
    });
    caches().pods.on_change([this](const auto& before, const auto& after) {
      if (before) touch_owner(before->meta);
      if (after) touch_owner(after->meta);
    });
  }

 private:
  void touch_owner(const kube::ObjectMeta& pod) {
    for_owners(caches().daemon_sets, "DaemonSet", pod, [this](const std::string& key) { touch(key); });
  }

  http::Task<Decision> decide(std::string key) override {
    const auto set = find(caches().daemon_sets, key);
    if (!set) co_return Decision{};
    const auto pods = own_and_orphans(caches().pods_by_owner, set->meta, set->selector);
    Held<kube::Node> nodes;
    for (const auto& [name, node] : caches().nodes.all()) nodes.add(node);
    const DaemonSetView view{.set = *set, .nodes = nodes.pointers(), .pods = pods.pointers(), .now = now()};
    co_return Decision{.actions = reconcile_daemon_set(view),
                       .look_again = next_availability(view.pods, set->min_ready_seconds, view.now)};
  }
};

}  // namespace

std::unique_ptr<Loop> daemon_sets(Surroundings& around) { return std::make_unique<DaemonSets>(around); }

}  // namespace podwire::control
