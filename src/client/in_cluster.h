#pragma once
#include <functional>
#include <string>

#include "client/connection.h"

namespace podwire::client {

/// What Kubernetes gives each pod to talk to its API server with.
struct InCluster {
  std::string directory = "/var/run/secrets/kubernetes.io/serviceaccount";
  /// "" where it is not set.
  std::function<std::string(const char*)> environment;

  /// With the process's own environment.
  static InCluster real();
};

/// From KUBERNETES_SERVICE_HOST and _PORT and the service account's directory. The token is read anew for
/// each request, for it is replaced before it ends. Errors: this is no pod, or it has no service account.
[[nodiscard]] Result<Connection> in_cluster(const InCluster& from);

}  // namespace podwire::client
