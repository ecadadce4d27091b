#include "control/endpoints.h"

#include "control/endpoint_slices.h"
#include "control/loops/keys.h"
#include "control/loops/parts.h"
#include "control/loops/selected.h"

namespace podwire::control {
namespace {

class EndpointsLoop final : public Loop {
 public:
  explicit EndpointsLoop(Surroundings& around)
      : Loop(around, "endpoint-controller", {"services", "pods", "endpoints"}) {
    caches().services.on_change(
        [this](const auto& before, const auto& after) { touch(key_of((after ? after : before)->meta)); });
    caches().endpoints.on_change(
        [this](const auto& before, const auto& after) { touch(key_of((after ? after : before)->meta)); });
    caches().pods.on_change([this](const auto& before, const auto& after) {
      if (!changes_endpoints(before.get(), after.get())) return;
      for (const auto* pod : {before.get(), after.get()})
        if (pod != nullptr)
          for (const auto& service : caches().services_of(*pod)) touch(key_of(service->meta));
    });
  }

 private:
  http::Task<Decision> decide(std::string key) override {
    const auto service = find(caches().services, key);
    const auto endpoints = find(caches().endpoints, key);
    Decision decision;
    if (service) {
      const auto pods = pods_selected_by(*service, caches());
      decision.actions =
          reconcile_endpoints({.service = *service, .pods = pods.pointers(), .endpoints = endpoints.get()});
    } else if (endpoints && is_ours(*endpoints)) {
      const auto& meta = endpoints->meta;
      decision.actions.emplace_back(Delete{"endpoints", meta.namespace_, meta.name, meta.uid, {}});
    }
    co_return decision;
  }

  /// Endpoints without a Service may be somebody's lock.
  static bool is_ours(const kube::Endpoints& endpoints) {
    return kube::text_of(endpoints.meta.labels, kManagedByLabel) == "endpoint-controller";
  }
};

}  // namespace

std::unique_ptr<Loop> endpoints(Surroundings& around) { return std::make_unique<EndpointsLoop>(around); }

}  // namespace podwire::control
