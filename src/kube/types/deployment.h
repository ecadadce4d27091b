#pragma once
#include "kube/types/int_or_string.h"
#include "kube/types/object_meta.h"

namespace podwire::kube {

struct Deployment {
  ObjectMeta meta;
  int replicas = 1;
  int min_ready_seconds = 0;
  bool paused = false;
  bool recreate = false;  ///< strategy Recreate, else RollingUpdate
  IntOrString max_surge{.number = 0, .text = "25%"}, max_unavailable{.number = 0, .text = "25%"};
  std::optional<int> revision_history_limit;
  std::optional<int> progress_deadline_seconds;
  json::object selector;
  json::object pod_template;
  struct Status {
    int replicas = 0, updated = 0, ready = 0, available = 0, unavailable = 0;
    std::int64_t observed_generation = 0;
    std::optional<int> collision_count;
    std::vector<Condition> conditions;
    friend bool operator==(const Status&, const Status&) = default;
  } status;
};

void read(const Place& place, Deployment& into);
[[nodiscard]] Result<Deployment> deployment_from(const json::value& object);
[[nodiscard]] json::object to_json(const Deployment::Status& status);

}  // namespace podwire::kube
