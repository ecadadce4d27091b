#pragma once
#include <string>
#include <string_view>

#include "http/server.h"
#include "pki/join_token.h"
#include "server/api.h"
#include "server/auth/pki.h"
#include "server/options.h"
#include "server/registry.h"

namespace podwire::server {

/// How machines become nodes. Paths outside the Kubernetes API:
///   GET  /cacerts                      the cluster's CA (PEM), for everybody: a join token has its hash
///   GET  /v1-podwire/config            what nodes have to know of the cluster: its ranges, its DNS (JSON)
///   POST /v1-podwire/node-certificate  a certificate for a signing request (both PEM) of a node
/// All but the first want the join token's user and secret by HTTP Basic; the last one also, in the header
/// Podwire-Node-Password, a secret of the node's own. Its header Podwire-Node-Addresses ("ip,ip") says where
/// the node answers: the certificate is good for a server under these and under the node's name. The first
/// join of a name keeps that secret's hash, in the Secret kube-system/NAME.node-password.podwire; later ones
/// must show the same: with the join token alone nobody becomes a node that there is.
class NodeJoin {
 public:
  /// `config`: what GET /v1-podwire/config answers.
  NodeJoin(Registry& registry, const Pki& pki, pki::JoinToken token, json::object config = {})
      : registry_(registry), pki_(pki), token_(std::move(token)), config_(std::move(config)) {}

  [[nodiscard]] static bool is_for(const http::Request& r);
  Task<Reply> answer(const http::Request& r);

 private:
  Task<kube::Answer<Reply>> certify(const http::Request& r);
  /// Whoever had a certificate for one of the server's own names or addresses could play the server: such an
  /// address is given only to who comes from there, such a name to nobody.
  [[nodiscard]] kube::Answer<std::vector<std::string>> names_for(std::string_view node,
                                                                 const http::Request& r) const;
  Task<kube::Answer<>> check_password(std::string node, std::string password);

  Registry& registry_;
  const Pki& pki_;
  pki::JoinToken token_;
  json::object config_;
};

/// The answer to GET /v1-podwire/config.
[[nodiscard]] json::object node_config(const Options& options);

/// DATA_DIR/node-token, mode 0600: what nodes of this cluster join with. `wanted` (a secret, or a whole
/// token) sets its secret; without it the one in the file stays, and a new file gets a new one.
Result<pki::JoinToken> open_node_token(const std::string& data_dir, std::string_view ca_pem,
                                       std::string_view wanted);

}  // namespace podwire::server
