#pragma once
#include "kube/types/object_meta.h"

namespace podwire::kube {

struct Namespace {
  ObjectMeta meta;
  std::vector<std::string> finalizers;  ///< spec.finalizers: not the metadata's
  std::string phase;
  std::vector<Condition> conditions;
  friend bool operator==(const Namespace&, const Namespace&) = default;
};

void read(const Place& place, Namespace& into);
[[nodiscard]] Result<Namespace> namespace_from(const json::value& object);

}  // namespace podwire::kube
