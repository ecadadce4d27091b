#include "kube/types/namespace.h"

namespace podwire::kube {

void read(const Place& place, Namespace& into) {
  place.field("metadata", into.meta);
  if (const auto spec = place.at("spec")) spec->field("finalizers", into.finalizers);
  if (const auto status = place.at("status")) {
    status->field("phase", into.phase);
    status->field("conditions", into.conditions);
  }
}

Result<Namespace> namespace_from(const json::value& object) { return typed_from<Namespace>(object); }

}  // namespace podwire::kube
