#pragma once
#include "kube/json.h"

namespace podwire::server {

/// What kube-apiserver gives each new pod that says nothing else: it stays for five minutes on a node that is
/// not ready or cannot be reached, so that an agent's restart ends no pod. Pure.
void add_default_tolerations(kube::json::object& pod_spec);

}  // namespace podwire::server
