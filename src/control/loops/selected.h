#pragma once
#include "control/loops/caches.h"
#include "control/loops/keys.h"

namespace podwire::control {

/// Pods that a Service may select: those with the rarest of the labels that it asks for.
[[nodiscard]] Held<kube::Pod> pods_selected_by(const kube::Service& service, const Caches& caches);

/// Whether a pod's change can be one of the endpoints of a Service; most heartbeats are not.
[[nodiscard]] bool changes_endpoints(const kube::Pod* before, const kube::Pod* after);

}  // namespace podwire::control
