#include "control/endpoint_slices.h"

#include <unordered_map>

#include "control/loops/keys.h"
#include "control/loops/parts.h"
#include "control/loops/selected.h"

namespace podwire::control {
namespace {

class EndpointSlices final : public Loop {
 public:
  explicit EndpointSlices(Surroundings& around)
      : Loop(around, "endpoint-slice-controller",
             {"services", "pods", "nodes", "endpointslices.discovery.k8s.io"}) {
    caches().services.on_change(
        [this](const auto& before, const auto& after) { touch(key_of((after ? after : before)->meta)); });
    caches().slices.on_change([this](const auto& before, const auto& after) {
      const auto& meta = (after ? after : before)->meta;
      const auto service = kube::text_of(meta.labels, kServiceNameLabel);
      if (!service.empty()) touch(key_of(meta.namespace_, std::string(service)));
    });
    caches().pods.on_change([this](const auto& before, const auto& after) {
      if (!changes_endpoints(before.get(), after.get())) return;
      const auto since = moment_of(before.get(), after.get());
      if (before) touch_services(*before, since);
      if (after) touch_services(*after, since);
    });
    caches().nodes.on_change([this](const auto& before, const auto& after) {
      if (before && after && kube::zone_of(*before) == kube::zone_of(*after)) return;
      for (const auto& pod : caches().pods_by_node.at((after ? after : before)->meta.name))
        for (const auto& service : caches().services_of(*pod)) touch(key_of(service->meta));
    });
  }

 private:
  /// When that happened which is to be seen in the slices: consumers measure their delay from it.
  kube::Time moment_of(const kube::Pod* before, const kube::Pod* after) const {
    if (before != nullptr && after != nullptr && kube::is_ready(*before) != kube::is_ready(*after)) {
      const auto* ready = kube::find_condition(after->status.conditions, "Ready");
      if (ready != nullptr && ready->transition) return *ready->transition;
    }
    return now();
  }

  void touch_services(const kube::Pod& pod, kube::Time since) {
    for (const auto& service : caches().services_of(pod)) {
      const auto key = key_of(service->meta);
      const auto [at, fresh] = triggers_.try_emplace(key, since);
      if (!fresh) at->second = std::min(at->second, since);
      touch(key);
    }
  }

  http::Task<Decision> decide(std::string key) override {
    const auto trigger = triggers_.extract(key);
    const auto service = find(caches().services, key);
    if (!service) co_return Decision{};
    const auto pods = pods_selected_by(*service, caches());
    Held<kube::EndpointSlice> slices;
    slices.add_all(caches().slices_by_label.at(
        label_key(service->meta.namespace_, kServiceNameLabel, service->meta.name)));
    EndpointSliceView view{.service = *service, .pods = pods.pointers(), .slices = slices.pointers()};
    view.zone_of_node = [this](const std::string& name) {
      const auto node = caches().nodes.find("", name);
      return node ? std::string(kube::zone_of(*node)) : std::string();
    };
    if (trigger) view.trigger = trigger.mapped();
    co_return Decision{.actions = reconcile_endpoint_slices(view)};
  }

  std::unordered_map<std::string, kube::Time> triggers_;  // what happened first since the last look
};

}  // namespace

std::unique_ptr<Loop> endpoint_slices(Surroundings& around) {
  return std::make_unique<EndpointSlices>(around);
}

}  // namespace podwire::control
