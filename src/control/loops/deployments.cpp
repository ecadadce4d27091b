#include <set>

#include "control/deployment.h"
#include "control/loops/keys.h"
#include "control/loops/parts.h"

namespace podwire::control {
namespace {

class Deployments final : public Loop {
 public:
  explicit Deployments(Surroundings& around)
      : Loop(around, "deployment-controller", {"deployments.apps", "replicasets.apps", "pods"}) {
    caches().deployments.on_change(
        [this](const auto& before, const auto& after) { touch(key_of((after ? after : before)->meta)); });
    caches().replica_sets.on_change([this](const auto& before, const auto& after) {
      if (before) touch_owner(before->meta);
      if (after) touch_owner(after->meta);
    });
    caches().pods.on_change([this](const auto& before, const auto& after) {
      if (before && (!after || kube::is_finished(*after))) touch_if_it_waits(before->meta);
    });
  }

 private:
  void touch_owner(const kube::ObjectMeta& set) {
    for_owners(caches().deployments, "Deployment", set, [this](const std::string& key) { touch(key); });
  }

  /// With strategy Recreate new pods wait until the last old one has gone.
  void touch_if_it_waits(const kube::ObjectMeta& pod) {
    const auto set_key = controller_key(pod, "ReplicaSet");
    const auto set = set_key ? find(caches().replica_sets, *set_key) : nullptr;
    const auto key = set ? controller_key(set->meta, "Deployment") : std::nullopt;
    const auto deployment = key ? find(caches().deployments, *key) : nullptr;
    if (deployment && deployment->recreate) touch(*key);
  }

  Held<kube::ReplicaSet> sets_of(const std::string& key, const kube::Deployment& deployment) const {
    if (!collided_.contains(key))
      return own_and_orphans(caches().sets_by_owner, deployment.meta, deployment.selector);
    Held<kube::ReplicaSet> all;  // among them the one whose name is in the way
    for (auto& set : caches().replica_sets.in_namespace(deployment.meta.namespace_)) all.add(std::move(set));
    return all;
  }

  http::Task<Decision> decide(std::string key) override {
    const auto deployment = find(caches().deployments, key);
    if (!deployment) {
      collided_.erase(key);
      co_return Decision{};
    }
    const auto sets = sets_of(key, *deployment);
    Held<kube::Pod> pods;
    if (deployment->recreate)
      for (const auto* set : sets.pointers()) pods.add_all(caches().pods_by_owner.at(set->meta.uid));
    const DeploymentView view{
        .deployment = *deployment, .sets = sets.pointers(), .pods = pods.pointers(), .now = now()};
    co_return Decision{.actions = reconcile_deployment(view), .look_again = next_deadline(*deployment)};
  }

  void performed(const std::string& key, const Performed& done) override {
    if (done.name_taken) {
      collided_.insert(key);
    } else if (done.clean()) {
      collided_.erase(key);
    }
  }

  std::set<std::string> collided_;  // the name of their next ReplicaSet is taken
};

}  // namespace

std::unique_ptr<Loop> deployments(Surroundings& around) { return std::make_unique<Deployments>(around); }

}  // namespace podwire::control
