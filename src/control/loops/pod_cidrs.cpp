#include "plan/pod_cidrs.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/log.h"
#include "control/loops/keys.h"
#include "control/loops/parts.h"

namespace podwire::control {
namespace {

/// Gives every node its podCIDRs. A subnet is held for a node from before the write that gives it until the
/// node is seen to be gone, or to have others: be the write lost, refused or late, no other node gets it.
class PodCidrLoop final : public Loop {
 public:
  PodCidrLoop(Surroundings& around, plan::PodCidrs ranges)
      : Loop(around, "cidrAllocator", {"nodes"}), ranges_(std::move(ranges)) {
    caches().nodes.on_change([this](const auto& before, const auto& after) {
      if (learned_) learn(before.get(), after.get());
      touch(key_of((after ? after : before)->meta));
    });
  }

 private:
  struct Hold {
    std::string uid;
    std::vector<Cidr> cidrs;
  };

  void learn(const kube::Node* before, const kube::Node* after) {
    if (before != nullptr && after == nullptr) release(before->meta.name, before->meta.uid);
    if (after == nullptr || after->pod_cidrs.empty()) return;
    const auto& name = after->meta.name;
    const auto held = holds_.find(name);
    if (held != holds_.end() && held->second.uid == after->meta.uid && held->second.cidrs == after->pod_cidrs)
      return;
    if (held != holds_.end()) release(name, held->second.uid);
    if (const auto taken = ranges_.occupy(after->pod_cidrs); !taken) {
      log::warn("a node's podCIDRs are not of this cluster",
                {{"node", name}, {"why", taken.error().message()}});
      strange_.insert(name);
      return;
    }
    strange_.erase(name);
    holds_[name] = {after->meta.uid, after->pod_cidrs};
  }

  void release(const std::string& name, const std::string& uid) {
    strange_.erase(name);
    const auto held = holds_.find(name);
    if (held == holds_.end() || held->second.uid != uid) return;
    ranges_.release(held->second.cidrs);
    holds_.erase(held);
    for (const auto& key : std::exchange(starved_, {})) touch(key);
  }

  /// Before the first subnet is given all that are taken have to be known.
  void learn_all() {
    if (std::exchange(learned_, true)) return;
    for (const auto& [key, node] : caches().nodes.all()) learn(nullptr, node.get());
  }

  http::Task<Decision> decide(std::string key) override {
    learn_all();
    Decision decision;
    starved_.erase(key);
    const auto node = find(caches().nodes, key);
    if (!node || node->meta.deleted) co_return decision;
    if (!node->pod_cidrs.empty()) {
      if (strange_.contains(node->meta.name)) decision.actions.emplace_back(about(*node, "CIDROutOfRange"));
      co_return decision;
    }
    auto held = holds_.find(node->meta.name);
    if (held == holds_.end()) {
      auto cidrs = ranges_.allocate();
      if (!cidrs) {
        starved_.insert(key);
        decision.actions.emplace_back(about(*node, "CIDRNotAvailable"));
        co_return decision;
      }
      held = holds_.emplace(node->meta.name, Hold{node->meta.uid, std::move(*cidrs)}).first;
    }
    decision.actions.emplace_back(assign(*node, held->second.cidrs));
    co_return decision;
  }

  static Patch assign(const kube::Node& node, const std::vector<Cidr>& cidrs) {
    json::array all;
    for (const auto& cidr : cidrs) all.emplace_back(cidr.str());
    json::object merge{{"metadata", {{"uid", node.meta.uid}}}};
    merge["spec"] = {{"podCIDR", cidrs.front().str()}, {"podCIDRs", std::move(all)}};
    return {"nodes", "", node.meta.name, "", std::move(merge)};
  }

  static Record about(const kube::Node& node, std::string_view status) {
    auto record = record_about("v1", "Node", node.meta);
    record.reason = status;
    record.message = fmt::format("Node {} status is now: {}", node.meta.name, status);
    return record;
  }

  plan::PodCidrs ranges_;
  bool learned_ = false;
  std::map<std::string, Hold> holds_;  // by the node's name
  std::set<std::string> starved_;      // keys for which nothing was left
  std::set<std::string> strange_;      // nodes with podCIDRs of no range
};

}  // namespace

std::unique_ptr<Loop> pod_cidrs(Surroundings& around, plan::PodCidrs ranges) {
  return std::make_unique<PodCidrLoop>(around, std::move(ranges));
}

}  // namespace podwire::control
