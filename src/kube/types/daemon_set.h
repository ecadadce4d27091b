#pragma once
#include "kube/types/int_or_string.h"
#include "kube/types/object_meta.h"

namespace podwire::kube {

struct DaemonSet {
  ObjectMeta meta;
  int min_ready_seconds = 0;
  bool on_delete = false;  ///< updateStrategy OnDelete, else RollingUpdate
  IntOrString max_unavailable{.number = 1, .text = ""}, max_surge;
  json::object selector;
  json::object pod_template;
  struct Status {
    int desired = 0, current = 0, misscheduled = 0, ready = 0, updated = 0, available = 0, unavailable = 0;
    std::int64_t observed_generation = 0;
    friend bool operator==(const Status&, const Status&) = default;
  } status;
};

void read(const Place& place, DaemonSet& into);
[[nodiscard]] Result<DaemonSet> daemon_set_from(const json::value& object);
[[nodiscard]] json::object to_json(const DaemonSet::Status& status);

}  // namespace podwire::kube
