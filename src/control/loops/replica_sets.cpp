#include <unordered_map>

#include "control/availability.h"
#include "control/loops/keys.h"
#include "control/loops/parts.h"
#include "control/replica_set.h"

namespace podwire::control {
namespace {

class ReplicaSets final : public Loop {
 public:
  explicit ReplicaSets(Surroundings& around)
      : Loop(around, "replicaset-controller", {"replicasets.apps", "pods"}) {
    caches().replica_sets.on_change(
        [this](const auto& before, const auto& after) { touch(key_of((after ? after : before)->meta)); });
    caches().pods.on_change([this](const auto& before, const auto& after) {
      if (before) touch_owner(before->meta);
      if (after) touch_owner(after->meta);
    });
  }

 private:
  void touch_owner(const kube::ObjectMeta& pod) {
    for_owners(caches().replica_sets, "ReplicaSet", pod, [this](const std::string& key) { touch(key); });
  }

  /// Where a set is to shrink, its pods go first from nodes that have many of the whole family.
  std::map<std::string, int> siblings_on_node(const kube::ReplicaSet& set, std::size_t own) const {
    std::map<std::string, int> on_node;
    const auto* owner = kube::controller_of(set.meta);
    if (owner == nullptr || own <= static_cast<std::size_t>(std::max(set.replicas, 0))) return on_node;
    for (const auto& sibling : caches().sets_by_owner.at(owner->uid))
      for (const auto& pod : caches().pods_by_owner.at(sibling->meta.uid))
        if (kube::is_active(*pod)) ++on_node[pod->spec.node_name];
    return on_node;
  }

  http::Task<Decision> decide(std::string key) override {
    const auto set = find(caches().replica_sets, key);
    if (!set) {
      failures_.erase(key);
      co_return Decision{};
    }
    const auto failure = failures_.find(key);
    const auto pods = own_and_orphans(caches().pods_by_owner, set->meta, set->selector);
    const ReplicaSetView view{
        .set = *set,
        .pods = pods.pointers(),
        .siblings_on_node = siblings_on_node(*set, pods.pointers().size()),
        .now = now(),
        .failure = failure != failures_.end() ? std::optional(failure->second) : std::nullopt};
    co_return Decision{.actions = reconcile_replica_set(view),
                       .look_again = next_availability(view.pods, set->min_ready_seconds, view.now)};
  }

  void performed(const std::string& key, const Performed& done) override {
    if (done.failure && (done.failed == "create pods" || done.failed == "delete pods")) {
      failures_[key] = {done.failed == "create pods", done.failure->message};
    } else if (done.clean() && failures_.erase(key) != 0) {
      touch(key);  // its status says it still
    }
  }

  std::unordered_map<std::string, ReplicaFailure> failures_;
};

}  // namespace

std::unique_ptr<Loop> replica_sets(Surroundings& around) { return std::make_unique<ReplicaSets>(around); }

}  // namespace podwire::control
