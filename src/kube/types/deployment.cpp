#include "kube/types/deployment.h"

namespace podwire::kube {

void read(const Place& place, Deployment& into) {
  place.field("metadata", into.meta);
  if (const auto spec = place.at("spec")) {
    spec->field("replicas", into.replicas);
    spec->field("minReadySeconds", into.min_ready_seconds);
    spec->field("paused", into.paused);
    spec->field("revisionHistoryLimit", into.revision_history_limit);
    spec->field("progressDeadlineSeconds", into.progress_deadline_seconds);
    spec->field("selector", into.selector);
    spec->field("template", into.pod_template);
    if (const auto strategy = spec->at("strategy")) {
      std::string type;
      strategy->field("type", type);
      into.recreate = type == "Recreate";
      const auto rolling = strategy->at("rollingUpdate");
      if (rolling && rolling->at("maxSurge")) rolling->field("maxSurge", into.max_surge = {});
      if (rolling && rolling->at("maxUnavailable"))
        rolling->field("maxUnavailable", into.max_unavailable = {});
    }
  }
  if (const auto status = place.at("status")) {
    status->field("replicas", into.status.replicas);
    status->field("updatedReplicas", into.status.updated);
    status->field("readyReplicas", into.status.ready);
    status->field("availableReplicas", into.status.available);
    status->field("unavailableReplicas", into.status.unavailable);
    status->field("observedGeneration", into.status.observed_generation);
    status->field("collisionCount", into.status.collision_count);
    status->field("conditions", into.status.conditions);
  }
}

Result<Deployment> deployment_from(const json::value& object) { return typed_from<Deployment>(object); }

json::object to_json(const Deployment::Status& status) {
  json::object out{{"replicas", status.replicas},
                   {"updatedReplicas", status.updated},
                   {"readyReplicas", status.ready},
                   {"availableReplicas", status.available},
                   {"unavailableReplicas", status.unavailable},
                   {"observedGeneration", status.observed_generation},
                   {"conditions", to_json(status.conditions)}};
  if (status.collision_count) out["collisionCount"] = *status.collision_count;
  return out;
}

}  // namespace podwire::kube
