#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/account_token.h"
#include "server/auth/lookup.h"
#include "server/auth/user.h"

namespace podwire::server {

/// Whether an object of that uid is there and does not go: one that is being deleted counts for a minute
/// more, so that what runs can end in good order (kube-apiserver's rule).
[[nodiscard]] bool is_alive(const std::optional<json::object>& object, std::string_view uid,
                            std::chrono::sys_seconds now);

/// The user system:serviceaccount:NS:NAME with its groups, as far as its namespace and name say.
[[nodiscard]] User account_user(std::string_view ns, std::string_view name, std::string_view uid);

/// Tells whose a ServiceAccount's token is.
class AccountAuthenticator {
 public:
  /// `tokens` must outlive it.
  AccountAuthenticator(const AccountTokens& tokens, Lookup look_up,
                       std::function<std::chrono::sys_seconds()> now)
      : tokens_(tokens), look_up_(std::move(look_up)), now_(std::move(now)) {}

  struct Identity {
    User user;
    std::vector<std::string> audiences;  ///< of those asked for, the ones that the token is for
  };
  /// Errors: not a token of this cluster, not valid now, for none of these audiences, or the ServiceAccount
  /// (or what the token is bound to) is not there any more.
  [[nodiscard]] Result<Identity> identify(std::string_view token,
                                          const std::vector<std::string>& audiences) const;

 private:
  [[nodiscard]] Result<> check_objects(const AccountClaims& claims) const;

  const AccountTokens& tokens_;
  Lookup look_up_;
  std::function<std::chrono::sys_seconds()> now_;
};

}  // namespace podwire::server
