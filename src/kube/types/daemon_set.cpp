#include "kube/types/daemon_set.h"

namespace podwire::kube {

void read(const Place& place, DaemonSet& into) {
  place.field("metadata", into.meta);
  if (const auto spec = place.at("spec")) {
    spec->field("minReadySeconds", into.min_ready_seconds);
    spec->field("selector", into.selector);
    spec->field("template", into.pod_template);
    if (const auto strategy = spec->at("updateStrategy")) {
      std::string type;
      strategy->field("type", type);
      into.on_delete = type == "OnDelete";
      const auto rolling = strategy->at("rollingUpdate");
      if (rolling && rolling->at("maxUnavailable"))
        rolling->field("maxUnavailable", into.max_unavailable = {});
      if (rolling && rolling->at("maxSurge")) rolling->field("maxSurge", into.max_surge = {});
    }
  }
  if (const auto status = place.at("status")) {
    status->field("desiredNumberScheduled", into.status.desired);
    status->field("currentNumberScheduled", into.status.current);
    status->field("numberMisscheduled", into.status.misscheduled);
    status->field("numberReady", into.status.ready);
    status->field("updatedNumberScheduled", into.status.updated);
    status->field("numberAvailable", into.status.available);
    status->field("numberUnavailable", into.status.unavailable);
    status->field("observedGeneration", into.status.observed_generation);
  }
}

Result<DaemonSet> daemon_set_from(const json::value& object) { return typed_from<DaemonSet>(object); }

json::object to_json(const DaemonSet::Status& status) {
  return {{"desiredNumberScheduled", status.desired},  {"currentNumberScheduled", status.current},
          {"numberMisscheduled", status.misscheduled}, {"numberReady", status.ready},
          {"updatedNumberScheduled", status.updated},  {"numberAvailable", status.available},
          {"numberUnavailable", status.unavailable},   {"observedGeneration", status.observed_generation}};
}

}  // namespace podwire::kube
