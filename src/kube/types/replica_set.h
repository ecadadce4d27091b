#pragma once
#include "kube/types/object_meta.h"

namespace podwire::kube {

struct ReplicaSet {
  ObjectMeta meta;
  int replicas = 1;
  int min_ready_seconds = 0;
  json::object selector;  ///< a meta/v1 LabelSelector
  json::object pod_template;
  struct Status {
    int replicas = 0, fully_labeled = 0, ready = 0, available = 0;
    std::int64_t observed_generation = 0;
    std::vector<Condition> conditions;
    friend bool operator==(const Status&, const Status&) = default;
  } status;
};

void read(const Place& place, ReplicaSet& into);
[[nodiscard]] Result<ReplicaSet> replica_set_from(const json::value& object);
/// Without its status, to be created.
[[nodiscard]] json::object to_json(const ReplicaSet& set);
[[nodiscard]] json::object to_json(const ReplicaSet::Status& status);

}  // namespace podwire::kube
