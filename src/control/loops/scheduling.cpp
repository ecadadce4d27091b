#include <set>
#include <tuple>

#include "control/loops/keys.h"
#include "control/loops/parts.h"
#include "control/scheduler.h"

namespace podwire::control {
namespace {

/// The key of "look at all that found no place".
constexpr std::string_view kRetryAll;

bool takes_room(const kube::Pod& pod) { return !pod.spec.node_name.empty() && !kube::is_finished(pod); }

/// What decides where pods go; not heartbeats.
bool changes_places(const kube::Node* before, const kube::Node* after) {
  if (before == nullptr || after == nullptr) return true;
  const auto what = [](const kube::Node& n) {
    return std::tie(n.meta.labels, n.taints, n.unschedulable, n.allocatable);
  };
  return what(*before) != what(*after);
}

/// Binds pods one by one, each seeing those before it: a pod counts for its node from the moment it is bound
/// (assumed), not only when that is seen.
class Scheduling final : public Loop {
 public:
  explicit Scheduling(Surroundings& around) : Loop(around, std::string(kScheduler), {"pods", "nodes"}) {
    caches().pods.on_change([this](const auto& before, const auto& after) {
      if (before && takes_room(*before)) load_[before->spec.node_name].remove(*before);
      if (after && takes_room(*after)) load_[after->spec.node_name].add(*after);
      if (!after || !after->spec.node_name.empty()) drop_assumption((after ? after : before)->meta.uid);
      if (after && awaits_node(*after)) {
        touch(key_of(after->meta));
      } else if (before && awaits_node(*before)) {
        homeless_.erase(key_of(before->meta));
      }
      if (before && takes_room(*before) && !(after && takes_room(*after))) room_came_free();
    });
    caches().nodes.on_change([this](const auto& before, const auto& after) {
      nodes_.reset();
      if (changes_places(before.get(), after.get())) room_came_free();
      if (!after && caches().pods_by_node.at(before->meta.name).empty()) load_.erase(before->meta.name);
    });
  }

 private:
  struct Assumption {
    std::string node;
    std::shared_ptr<const kube::Pod> pod;
    bool unsure = false;  // whether it is bound; when that can be seen it is decided anew
  };
  void drop_assumption(const std::string& uid) {
    const auto assumed = assumed_.extract(uid);
    if (assumed) load_[assumed.mapped().node].remove(*assumed.mapped().pod);
  }

  /// Those without a place are looked at soon, all at once, and later the more they are.
  void room_came_free() {
    verdicts_.clear();
    if (homeless_.empty()) return;
    const auto wait = std::chrono::milliseconds(20 + homeless_.size() / 10);
    touch_at(std::string(kRetryAll), now() + wait);
  }

  const std::vector<const kube::Node*>& nodes() {
    if (!nodes_) {
      nodes_.emplace();
      for (const auto& [key, node] : caches().nodes.all())
        if (!node->meta.deleted) nodes_->add(node);
    }
    return nodes_->pointers();
  }

  Placement place(const kube::Pod& pod) {
    const auto* owner = kube::controller_of(pod.meta);
    const bool has_twins = owner != nullptr && owner->kind == "ReplicaSet";
    if (has_twins)
      if (const auto known = verdicts_.find(owner->uid); known != verdicts_.end())
        return {.node = "", .why_not = known->second};
    auto placement = place_pod(pod, {.nodes = nodes(), .load = load_});
    if (has_twins && placement.node.empty()) verdicts_[owner->uid] = placement.why_not;
    return placement;
  }

  http::Task<Decision> decide(std::string key) override {
    Decision decision;
    if (key == kRetryAll) {
      for (const auto& one : std::exchange(homeless_, {})) touch(one);
      co_return decision;
    }
    const auto pod = find(caches().pods, key);
    if (!pod || !awaits_node(*pod)) co_return decision;
    if (const auto assumed = assumed_.find(pod->meta.uid); assumed != assumed_.end()) {
      if (!assumed->second.unsure) co_return decision;
      drop_assumption(pod->meta.uid);
    }
    const auto placement = place(*pod);
    if (placement.node.empty()) {
      homeless_.insert(key);
    } else {
      load_[placement.node].add(*pod);
      assumed_[pod->meta.uid] = {placement.node, pod};
    }
    decision.actions = act_on(*pod, placement, now());
    co_return decision;
  }

  void performed(const std::string& key, const Performed& done) override {
    if (done.clean()) return;
    const auto pod = find(caches().pods, key);
    const auto assumed = pod ? assumed_.find(pod->meta.uid) : assumed_.end();
    if (assumed == assumed_.end()) return;
    if (!done.unsure.empty()) {
      assumed->second.unsure = true;
    } else {
      drop_assumption(pod->meta.uid);
      room_came_free();
    }
  }

  std::map<std::string, NodeLoad> load_;                 // by node; with what is assumed
  std::unordered_map<std::string, Assumption> assumed_;  // by the pod's uid
  std::set<std::string> homeless_;                       // keys that found no place
  /// Pods of a ReplicaSet are alike: where one finds no place, the next need not look. Until room comes free.
  std::unordered_map<std::string, std::string> verdicts_;
  std::optional<Held<kube::Node>> nodes_;
};

}  // namespace

std::unique_ptr<Loop> scheduling(Surroundings& around) { return std::make_unique<Scheduling>(around); }

}  // namespace podwire::control
