#include "client/in_cluster.h"

#include <cstdlib>

#include "base/file.h"

namespace podwire::client {

InCluster InCluster::real() {
  InCluster out;
  out.environment = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  return out;
}

Result<Connection> in_cluster(const InCluster& from) {
  const auto host = from.environment("KUBERNETES_SERVICE_HOST");
  const auto port = from.environment("KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty())
    return fail("find the API server", "KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT", 0,
                "not set: this is not a pod; name a kubeconfig");
  Connection out;
  out.url = "https://" + (host.contains(':') ? "[" + host + "]" : host) + ":" + port;
  out.ca = TRY(read_file(from.directory + "/ca.crt", 1 << 20));
  out.token_file = from.directory + "/token";
  TRY(read_token(out.token_file));  // now, for the error's sake
  if (auto name = read_token(from.directory + "/namespace")) out.namespace_ = std::move(*name);
  if (out.namespace_.empty()) out.namespace_ = "default";
  return out;
}

}  // namespace podwire::client
