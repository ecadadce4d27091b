#pragma once
#include <string>
#include <string_view>

#include "http/server.h"
#include "pki/join_token.h"
#include "server/api.h"
#include "server/auth/pki.h"
#include "server/registry.h"

namespace podwire::server {

/// How machines become nodes. Two paths outside the Kubernetes API:
///   GET  /cacerts                      the cluster's CA (PEM), for everybody: a join token has its hash
///   POST /v1-podwire/node-certificate  a certificate for a signing request (both PEM) of a node
/// The second wants the join token's user and secret by HTTP Basic, and in the header Podwire-Node-Password a
/// secret of the node's own. The first join of a name keeps that secret's hash, in the Secret
/// kube-system/NAME.node-password.podwire; later ones must show the same: with the join token alone nobody
/// becomes a node that there is.
class NodeJoin {
 public:
  NodeJoin(Registry& registry, const Pki& pki, pki::JoinToken token)
      : registry_(registry), pki_(pki), token_(std::move(token)) {}

  [[nodiscard]] static bool is_for(const http::Request& r);
  Task<Reply> answer(const http::Request& r);

 private:
  Task<kube::Answer<Reply>> certify(const http::Request& r);
  Task<kube::Answer<>> check_password(std::string node, std::string password);

  Registry& registry_;
  const Pki& pki_;
  pki::JoinToken token_;
};

/// DATA_DIR/node-token, mode 0600: what nodes of this cluster join with. `wanted` (a secret, or a whole
/// token) sets its secret; without it the one in the file stays, and a new file gets a new one.
Result<pki::JoinToken> open_node_token(const std::string& data_dir, std::string_view ca_pem,
                                       std::string_view wanted);

}  // namespace podwire::server
