#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/log.h"
#include "control/loops/keys.h"
#include "control/loops/parts.h"
#include "control/service_endpoints.h"
#include "plan/lb_pool.h"

namespace podwire::control {
namespace {

using kube::Service;

bool is_ours(const Service& service) {
  return service.type == "LoadBalancer" && service.load_balancer_class.empty() && !service.meta.deleted;
}

/// Gives Services of type LoadBalancer addresses out of a pool. An address is held for a Service from before
/// the write that gives it until the Service is seen to be gone, or to want none and show none.
class LoadBalancers final : public Loop {
 public:
  LoadBalancers(Surroundings& around, plan::LbPool pool)
      : Loop(around, "service-controller", {"services"}), pool_(std::move(pool)) {
    caches().services.on_change([this](const auto& before, const auto& after) {
      if (learned_) learn(before.get(), after.get());
      touch(key_of((after ? after : before)->meta));
    });
  }

 private:
  struct Hold {
    std::string uid;
    std::vector<IpAddr> addresses;
    std::vector<IpAddr> leaving;  // still shown, until the others are
  };

  void learn(const Service* before, const Service* after) {
    const auto key = key_of((after != nullptr ? after : before)->meta);
    const auto held = holds_.find(key);
    const auto& uid = (after != nullptr ? after : before)->meta.uid;
    if (held != holds_.end() && held->second.uid == uid) {
      if (after != nullptr)
        return;  // what else it means is for a look: this may be from before our own writes
      release(held->second.addresses);
      release(held->second.leaving);
      holds_.erase(held);
      return;
    }
    if (after == nullptr || !after->load_balancer_class.empty()) return;
    Hold hold{uid, {}, {}};
    for (const auto& address : after->load_balancer_ips)
      if (pool_.take(address)) hold.addresses.push_back(address);
    if (!hold.addresses.empty()) holds_[key] = std::move(hold);
  }

  void learn_all() {
    if (std::exchange(learned_, true)) return;
    for (const auto& [name, service] : caches().services.all()) learn(nullptr, service.get());
  }

  void release(std::vector<IpAddr>& addresses) {
    for (const auto& address : addresses) pool_.release(address);
    if (!std::exchange(addresses, {}).empty())
      for (const auto& starved : std::exchange(starved_, {})) touch(starved);
  }

  http::Task<Decision> decide(std::string key) override {
    learn_all();
    Decision decision;
    starved_.erase(key);
    const auto service = find(caches().services, key);
    if (!service || service->meta.deleted) co_return decision;
    settle(key, *service);
    std::vector<IpAddr> wanted;
    if (is_ours(*service)) {
      if (auto why_not = provide(key, *service)) {
        starved_.insert(key);
        decision.actions.emplace_back(std::move(*why_not));
      }
      if (const auto held = holds_.find(key); held != holds_.end()) wanted = held->second.addresses;
    } else if (!holds_.contains(key)) {
      co_return decision;  // what its status says is another's
    }
    if (wanted != service->load_balancer_ips) decision.actions.emplace_back(publish(*service, wanted));
    co_return decision;
  }

  /// Lets go of what the Service does not show any more.
  void settle(const std::string& key, const Service& service) {
    const auto held = holds_.find(key);
    if (held == holds_.end()) return;
    auto& hold = held->second;
    if (service.load_balancer_ips == hold.addresses) release(hold.leaving);
    if (is_ours(service) || !service.load_balancer_ips.empty()) return;
    release(hold.addresses);
    release(hold.leaving);
    holds_.erase(held);
  }

  /// Fills the hold with an address of each family that the Service is of and the pool has, all or none; or
  /// says why not.
  std::optional<Record> provide(const std::string& key, const Service& service) {
    std::vector<IpAddr> have;
    if (const auto held = holds_.find(key); held != holds_.end()) have = held->second.addresses;
    const auto asked = IpAddr::parse(service.load_balancer_ip);
    if (!service.load_balancer_ip.empty() && !asked) return refusal(service, "is no IP address");
    std::vector<IpAddr> next, fresh;
    std::optional<Record> why_not;
    for (const auto family : families_of(service)) {
      if (why_not || !pool_.has(family)) continue;
      const bool exactly = asked && asked->family() == family;
      const auto kept = std::ranges::find(have, family, &IpAddr::family);
      if (kept != have.end() && (!exactly || *kept == *asked)) {
        next.push_back(*kept);
      } else if (exactly) {
        if (pool_.take(*asked)) {
          next.push_back(*asked), fresh.push_back(*asked);
        } else {
          why_not = refusal(service, pool_.contains(*asked) ? "is taken" : "is not in the pool");
        }
      } else if (const auto address = pool_.allocate(family)) {
        next.push_back(*address), fresh.push_back(*address);
      } else {
        why_not = about(service, fmt::format("no {} address is left in the pool", name_of(family)));
      }
    }
    if (!why_not && next.empty()) why_not = about(service, "the pool has no address of the Service's family");
    if (why_not) {
      for (const auto& address : fresh) pool_.release(address);
      return why_not;
    }
    auto& hold = holds_[key];
    hold.uid = service.meta.uid;
    for (const auto& address : have)
      if (std::ranges::find(next, address) == next.end()) hold.leaving.push_back(address);
    hold.addresses = std::move(next);
    return std::nullopt;
  }

  static Record refusal(const Service& service, std::string_view why) {
    return about(service, fmt::format("spec.loadBalancerIP {} {}", service.load_balancer_ip, why));
  }

  static Record about(const Service& service, std::string why) {
    auto record = record_about("v1", "Service", service.meta);
    record.warning = true;
    record.reason = "SyncLoadBalancerFailed";
    record.message = "Error syncing load balancer: " + std::move(why);
    return record;
  }

  static Patch publish(const Service& service, const std::vector<IpAddr>& addresses) {
    json::object merge{{"metadata", {{"uid", service.meta.uid}}}};
    auto& balancer = kube::object_at(kube::object_at(merge, "status"), "loadBalancer");
    if (addresses.empty()) {
      balancer["ingress"] = nullptr;
    } else {
      auto& ingress = balancer["ingress"].emplace_array();
      for (const auto& address : addresses)
        ingress.emplace_back(json::object{{"ip", address.str()}, {"ipMode", "VIP"}});
    }
    return {"services", service.meta.namespace_, service.meta.name, "status", std::move(merge)};
  }

  plan::LbPool pool_;
  bool learned_ = false;
  std::map<std::string, Hold> holds_;  // by key
  std::set<std::string> starved_;      // keys for which there was nothing
};

}  // namespace

std::unique_ptr<Loop> load_balancers(Surroundings& around, plan::LbPool pool) {
  return std::make_unique<LoadBalancers>(around, std::move(pool));
}

}  // namespace podwire::control
