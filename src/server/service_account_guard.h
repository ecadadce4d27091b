#pragma once
#include <memory>

#include "server/registry.h"

namespace podwire::server {

/// Gives new pods the ServiceAccount that they run as: "default" where they name none, its imagePullSecrets
/// where they have none, and, unless the pod or the account does not want it, a volume with a token, the CA
/// and the namespace, mounted in every container that has nothing else in that place. Refuses pods whose
/// ServiceAccount is not there. Adds the default tolerations, too. Static pods' mirrors get nothing: their
/// node knows no accounts.
[[nodiscard]] std::shared_ptr<Guard> service_account_guard(Registry& registry);

}  // namespace podwire::server
