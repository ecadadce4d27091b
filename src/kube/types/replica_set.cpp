#include "kube/types/replica_set.h"

namespace podwire::kube {

void read(const Place& place, ReplicaSet& into) {
  place.field("metadata", into.meta);
  if (const auto spec = place.at("spec")) {
    spec->field("replicas", into.replicas);
    spec->field("minReadySeconds", into.min_ready_seconds);
    spec->field("selector", into.selector);
    spec->field("template", into.pod_template);
  }
  if (const auto status = place.at("status")) {
    status->field("replicas", into.status.replicas);
    status->field("fullyLabeledReplicas", into.status.fully_labeled);
    status->field("readyReplicas", into.status.ready);
    status->field("availableReplicas", into.status.available);
    status->field("observedGeneration", into.status.observed_generation);
    status->field("conditions", into.status.conditions);
  }
}

Result<ReplicaSet> replica_set_from(const json::value& object) { return typed_from<ReplicaSet>(object); }

json::object to_json(const ReplicaSet& set) {
  json::object spec{{"replicas", set.replicas}, {"selector", set.selector}, {"template", set.pod_template}};
  if (set.min_ready_seconds != 0) spec["minReadySeconds"] = set.min_ready_seconds;
  return {{"apiVersion", "apps/v1"}, {"kind", "ReplicaSet"}, {"metadata", to_json(set.meta)}, {"spec", spec}};
}

json::object to_json(const ReplicaSet::Status& status) {
  return {{"replicas", status.replicas},
          {"fullyLabeledReplicas", status.fully_labeled},
          {"readyReplicas", status.ready},
          {"availableReplicas", status.available},
          {"observedGeneration", status.observed_generation},
          {"conditions", to_json(status.conditions)}};
}

}  // namespace podwire::kube
