#include "kube/types/lease.h"

namespace podwire::kube {

void read(const Place& place, Lease& into) {
  place.field("metadata", into.meta);
  if (const auto spec = place.at("spec")) {
    spec->field("holderIdentity", into.holder);
    spec->field("leaseDurationSeconds", into.duration_seconds);
    spec->field("acquireTime", into.acquired);
    spec->field("renewTime", into.renewed);
  }
}

Result<Lease> lease_from(const json::value& object) { return typed_from<Lease>(object); }

}  // namespace podwire::kube
