#pragma once
#include "server/access.h"

namespace podwire::server {

/// Makes the roles and bindings of the first moment that are not there, and adds to those that are what they
/// lack of it: rules, subjects, labels (kube-apiserver's reconciliation). One whose annotation
/// rbac.authorization.kubernetes.io/autoupdate is "false" is left alone.
Task<kube::Answer<>> ensure_policy(Registry& registry);

/// Writes into each aggregated ClusterRole what it gives, so that it can be read in .rules. Returns when
/// nothing is left to write.
Task<void> write_sums(Registry& registry, const Rbac& rbac);

}  // namespace podwire::server
