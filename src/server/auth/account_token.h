#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pki/openssl.h"

namespace podwire::server {

namespace json = boost::json;

/// Who issues the tokens of this cluster's ServiceAccounts, and at the same time the audience that means its
/// API (kube-apiserver's default).
inline constexpr std::string_view kIssuer = "https://kubernetes.default.svc.cluster.local";

/// What a ServiceAccount's token says.
struct AccountClaims {
  /// An object whose end is the token's end, too.
  struct Reference {
    std::string name, uid;
    friend bool operator==(const Reference&, const Reference&) = default;
  };
  std::string ns;
  Reference account;
  std::optional<Reference> pod, secret, node;  ///< beside a pod, the node is where it runs
  std::vector<std::string> audiences;
  std::chrono::sys_seconds issued, not_before, expires;
  std::string id;  ///< unique

  friend bool operator==(const AccountClaims&, const AccountClaims&) = default;
};

/// In Kubernetes' form: the registered claims of RFC 7519, and "kubernetes.io".
[[nodiscard]] json::object to_json(const AccountClaims& claims);
/// Errors: another issuer, or something is not there or does not fit the rest.
Result<AccountClaims> account_claims(const json::object& claims);

/// Signs the tokens of ServiceAccounts, and knows its own again.
class AccountTokens {
 public:
  /// With the key in DIR/service-account.key; made if it is not there (mode 0600).
  static Result<AccountTokens> open(const std::string& dir);
  static Result<AccountTokens> of_key(pki::PrivateKey key);

  [[nodiscard]] Result<std::string> issue(const AccountClaims& claims) const;
  /// What a token says that was issued here, is valid now, and is for one of the audiences. That its objects
  /// are still there is another question.
  [[nodiscard]] Result<AccountClaims> read(std::string_view token, const std::vector<std::string>& audiences,
                                           std::chrono::sys_seconds now) const;

 private:
  AccountTokens(pki::PrivateKey key, std::string key_id) : key_(std::move(key)), key_id_(std::move(key_id)) {}
  pki::PrivateKey key_;
  std::string key_id_;
};

}  // namespace podwire::server
