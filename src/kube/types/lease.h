#pragma once
#include "kube/types/object_meta.h"

namespace podwire::kube {

/// A sign of life that its holder renews: in kube-node-lease there is one for each node.
struct Lease {
  ObjectMeta meta;
  std::string holder;
  int duration_seconds = 0;
  std::optional<Time> acquired, renewed;
  friend bool operator==(const Lease&, const Lease&) = default;
};

void read(const Place& place, Lease& into);
[[nodiscard]] Result<Lease> lease_from(const json::value& object);

}  // namespace podwire::kube
